// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Secrets
import Web

struct UserView: WireRecord, Tagged {
    let id: ID<User>
    let name: String
    /// The roles that the person holds now.
    let roles: [RoleRef]
    let state: Choice<UserState>
    let language: Choice<Language>
    let createdAt: Instant
    let lastSignInAt: Instant?
    /// What the person signs in with besides the password.
    let factors: [Choice<Factor>]
    /// Whether the password was given by somebody else and is still to be replaced.
    let passwordGiven: Bool
    let etag: String

    init(_ user: User, _ roles: [RoleRef]) {
        id = user.id
        name = user.name
        self.roles = roles
        state = Choice(user.state)
        language = Choice(user.language)
        createdAt = user.createdAt
        lastSignInAt = user.lastSignInAt
        factors = Factor.allCases.filter(user.factors.contains).map { Choice($0) }
        passwordGiven = user.oneTimeUntil != nil
        etag = editionTag(user.edition)
    }
}

struct UserRequest: WireRecord {
    let name: Name
    let password: Secret
    /// A role from the start, over all rows and for good; null for none yet.
    let role: RoleCode?
    let language: Choice<Language>
}

struct UserEditRequest: WireRecord {
    let state: Choice<UserState>?
    let language: Choice<Language>?
}

struct PasswordRequest: WireRecord {
    let password: Secret
}

struct RescueRequest: WireRecord {
    let name: Name
}

/// A password for once, shown this once.
struct RescueView: WireRecord {
    let user: UserView
    let password: String
}

struct PeopleQuery: Codable, Sendable {
    let limit: PageLimit?
    let after: Cursor?
}

private let managesUsers = Endpoint.Need.permission(AccessPermission.manageUsers)
private let seesUsers = Endpoint.Need.permission(AccessPermission.seeUsers)

/// A user with the roles that they hold now.
private func view(_ user: User, _ roles: RoleTable, in tx: ReadTransaction) throws -> UserView {
    UserView(user, try roleRefs(of: user.id, roles, in: tx))
}

/// Users.
func peopleEndpoints(_ roles: RoleTable) -> [Route] {
    [
        .look(
            "/api/v1/users", needs: seesUsers, summary: "List the users",
            query: PeopleQuery.self,
            answers: PageView<UserView>.self
        ) { query, _, tx in
            let request = PageRequest(query.limit, query.after)
            let rows = try tx.users(
                after: try query.after?.integers(1)[0] ?? 0, limit: request.limit + 1)
            return PageView(
                try Page(rows, limit: request.limit) { [.integer($0.id.raw)] }.map {
                    try view($0, roles, in: tx)
                })
        },
        .change(
            .post, "/api/v1/users", needs: managesUsers, summary: "Add a user",
            query: NoQuery.self,
            body: UserRequest.self, answers: UserView.self, status: 201,
            refusals: [DoorRefusal.self, GrantRefusal.self],
            example: UserRequest(
                name: Name(checked: "wang"), password: .sample, role: .sample,
                language: Choice(.zhCN)), work: .hashing,
            prepare: { _, body, _, _, store in
                try hashed(
                    body.password.text, unlike: try nearWords(body.name.text, store: store))
            }
        ) { _, body, password, caller, tx in
            // Making an account is one right, filling it with rights is another.
            if body.role != nil { try caller.require(AccessPermission.manageGrants) }
            let user = try addUser(
                name: body.name.text, password: password, language: body.language.value,
                isGiven: true, by: caller, in: tx)
            if let role = body.role {
                _ = try give(
                    GrantDraft(user: user.id, role: Role(role.text)), accepting: false, roles,
                    by: caller, in: tx)
            }
            return try view(user, roles, in: tx)
        },
        .look(
            "/api/v1/users/{id}", needs: seesUsers, summary: "Read a user",
            query: ByID<User>.self,
            answers: UserView.self, refusals: [DoorRefusal.self]
        ) { path, _, tx in
            guard let user = try tx.user(path.id) else { throw DoorRefusal.userUnknown }
            return try view(user, roles, in: tx)
        },
        .edit(
            "/api/v1/users/{id}", needs: managesUsers,
            summary: "Change a user's state or language", query: ByID<User>.self,
            body: UserEditRequest.self, answers: UserView.self,
            refusals: [DoorRefusal.self, GrantRefusal.self],
            example: UserEditRequest(state: nil, language: Choice(.en))
        ) { path, body, condition, caller, tx in
            let user = try edit(
                path.id,
                UserEdit(state: body.state?.value, language: body.language?.value),
                if: condition, roles, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return try view(user, roles, in: tx)
        },
        .change(
            .post, "/api/v1/users/{id}/password", needs: managesUsers,
            summary: "Give a user a password for once and end their sessions",
            query: ByID<User>.self,
            body: PasswordRequest.self, answers: Nothing.self, status: 204,
            refusals: [DoorRefusal.self, GrantRefusal.self],
            example: PasswordRequest(password: .sample),
            work: .hashing,
            prepare: { path, body, _, _, store in
                let name = try store.read { try require(path.id, in: $0).name }
                return try hashed(body.password.text, unlike: try nearWords(name, store: store))
            }
        ) { path, _, password, caller, tx in
            try resetPassword(of: path.id, to: password, roles, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return Nothing()
        },
        .change(
            .post, "/api/v1/users/{id}/factor-reset", needs: managesUsers,
            summary: "Take all second factors from a user who lost them, and end their sessions",
            query: ByID<User>.self, body: Empty.self, answers: UserView.self,
            refusals: [DoorRefusal.self, GrantRefusal.self], example: Empty()
        ) { path, _, caller, tx in
            let user = try resetFactors(of: path.id, roles, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return try view(user, roles, in: tx)
        },
        .change(
            .post, "/api/v1/rescues", needs: managesUsers,
            summary: "Let in somebody who lost everything; only root on the box itself may",
            query: NoQuery.self, body: RescueRequest.self, answers: RescueView.self,
            refusals: [DoorRefusal.self], example: RescueRequest(name: Name(checked: "lin")),
            // The answer holds a password, which must not be kept.
            repeats: .allowed, work: .hashing,
            prepare: { _, body, caller, _, store in
                guard caller.actor == .system("root") else { throw DoorRefusal.rescueOnBox }
                _ = try store.read { try requireUser(named: body.name.text, in: $0) }
                let password = newOneTimePassword()
                return (text: password, hash: try hashed(password, unlike: []))
            }
        ) { _, body, password, caller, tx in
            let user = try rescue(
                named: body.name.text, with: password.hash, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return RescueView(
                user: try view(user, roles, in: tx), password: password.text)
        },
    ]
}
