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
    let role: Choice<Role>
    let state: Choice<UserState>
    let language: Choice<Language>
    let createdAt: Instant
    let lastSignInAt: Instant?
    /// What the person signs in with besides the password.
    let factors: [Choice<Factor>]
    /// Whether the password was given by somebody else and is still to be replaced.
    let passwordGiven: Bool
    let etag: String

    init(_ user: User) {
        id = user.id
        name = user.name
        role = Choice(user.role)
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
    let role: Choice<Role>
    let language: Choice<Language>
}

struct UserEditRequest: WireRecord {
    let role: Choice<Role>?
    let state: Choice<UserState>?
    let language: Choice<Language>?
}

struct PasswordRequest: WireRecord {
    let password: Secret
}

struct RoleView: WireRecord {
    let role: Choice<Role>
    let permissions: [String]
    /// Whether people of this role must have a second factor.
    let factorNeeded: Bool
}

struct RolePath: Codable, Sendable {
    let role: Choice<Role>
}

struct RoleRequest: WireRecord {
    let factorNeeded: Flag
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

/// Users and roles.
func peopleEndpoints(_ roles: RoleTable) -> [Route] {
    [
        .look(
            "/api/v1/users", needs: managesUsers, summary: "List the users",
            query: PeopleQuery.self,
            answers: PageView<UserView>.self
        ) { query, _, tx in
            let request = PageRequest(query.limit, query.after)
            let rows = try tx.users(
                after: try query.after?.integers(1)[0] ?? 0, limit: request.limit + 1)
            return PageView(
                Page(rows, limit: request.limit) { [.integer($0.id.raw)] }.map(UserView.init))
        },
        .change(
            .post, "/api/v1/users", needs: managesUsers, summary: "Add a user",
            query: NoQuery.self,
            body: UserRequest.self, answers: UserView.self, status: 201,
            refusals: [DoorRefusal.self],
            example: UserRequest(
                name: Name(checked: "wang"), password: .sample, role: Choice(.warehouse),
                language: Choice(.zhCN)), work: .hashing,
            prepare: { _, body, _, _, store in
                try hashed(
                    body.password.text, unlike: try nearWords(body.name.text, store: store))
            }
        ) { _, body, password, caller, tx in
            UserView(
                try addUser(
                    name: body.name.text, password: password, role: body.role.value,
                    language: body.language.value, isGiven: true, by: caller, in: tx))
        },
        .look(
            "/api/v1/users/{id}", needs: managesUsers, summary: "Read a user",
            query: ByID<User>.self,
            answers: UserView.self, refusals: [DoorRefusal.self]
        ) { path, _, tx in
            guard let user = try tx.user(path.id) else { throw DoorRefusal.userUnknown }
            return UserView(user)
        },
        .edit(
            "/api/v1/users/{id}", needs: managesUsers,
            summary: "Change a user's role, state or language", query: ByID<User>.self,
            body: UserEditRequest.self, answers: UserView.self, refusals: [DoorRefusal.self],
            example: UserEditRequest(role: Choice(.viewer), state: nil, language: nil)
        ) { path, body, condition, caller, tx in
            let user = try edit(
                path.id,
                UserEdit(
                    role: body.role?.value, state: body.state?.value,
                    language: body.language?.value), if: condition, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return UserView(user)
        },
        .change(
            .post, "/api/v1/users/{id}/password", needs: managesUsers,
            summary: "Give a user a password for once and end their sessions",
            query: ByID<User>.self,
            body: PasswordRequest.self, answers: Nothing.self, status: 204,
            refusals: [DoorRefusal.self], example: PasswordRequest(password: .sample),
            work: .hashing,
            prepare: { path, body, _, _, store in
                let name = try store.read { try require(path.id, in: $0).name }
                return try hashed(body.password.text, unlike: try nearWords(name, store: store))
            }
        ) { path, _, password, caller, tx in
            try resetPassword(of: path.id, to: password, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return Nothing()
        },
        .look(
            "/api/v1/roles", needs: managesUsers, summary: "List the roles and what each may do",
            query: NoQuery.self,
            answers: PageView<RoleView>.self
        ) { _, _, tx in
            let needing = try tx.rolesWithFactor()
            return PageView(
                items: Role.allCases.map { roleView($0, roles, needing.contains($0)) }, next: nil)
        },
        .change(
            .put, "/api/v1/roles/{role}", needs: managesUsers,
            summary: "Say whether people of a role must have a second factor",
            query: RolePath.self, body: RoleRequest.self, answers: RoleView.self,
            refusals: [DoorRefusal.self], example: RoleRequest(factorNeeded: true)
        ) { path, body, caller, tx in
            try setRole(
                path.role.value, needsFactor: body.factorNeeded, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return roleView(path.role.value, roles, body.factorNeeded)
        },
        .change(
            .post, "/api/v1/users/{id}/factor-reset", needs: managesUsers,
            summary: "Take all second factors from a user who lost them, and end their sessions",
            query: ByID<User>.self, body: Empty.self, answers: UserView.self,
            refusals: [DoorRefusal.self], example: Empty()
        ) { path, _, caller, tx in
            let user = try resetFactors(of: path.id, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return UserView(user)
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
            return RescueView(user: UserView(user), password: password.text)
        },
    ]
}

private func roleView(_ role: Role, _ roles: RoleTable, _ needsFactor: Bool) -> RoleView {
    RoleView(
        role: Choice(role), permissions: roles.permissions(of: role).map(\.code).sorted(),
        factorNeeded: needsFactor)
}
