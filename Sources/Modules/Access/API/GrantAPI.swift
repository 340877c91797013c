// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Web

/// Rows of one dimension that a grant is narrowed to.
struct RowsSetting: Codable, Sendable {
    let dimension: Word
    let values: [Count]
}

struct StampView: Codable, Sendable {
    let actor: String
    /// Null for whoever may neither read the names of people nor list the users.
    let name: String?
    let at: Instant

    init(_ stamp: Stamp, for caller: Caller) {
        let seesNames = caller.sees(.personName) || caller.may(AccessPermission.seeUsers)
        actor = stamp.actor
        name = seesNames ? stamp.name : nil
        at = stamp.at
    }
}

struct PersonRef: Codable, Sendable {
    let id: ID<User>
    let name: String
}

struct GrantView: WireRecord {
    let id: ID<Grant>
    let user: PersonRef
    let role: RoleRef
    let state: Choice<GrantState>
    /// Whether it gives something now.
    let inForce: Bool
    let from: Instant?
    let until: Instant?
    /// Rows that may be looked at, and rows that may be changed; empty for all.
    let reads: [RowsSetting]
    let writes: [RowsSetting]
    /// Who lent it; null when it is the person's own.
    let lender: PersonRef?
    let note: String
    let given: StampView
    let confirmed: StampView?
    let ended: StampView?
}

struct GrantQuery: Codable, Sendable {
    let user: ID<User>?
    let state: Choice<GrantState>?
    let limit: PageLimit?
    let after: Cursor?
}

struct GrantRequest: WireRecord {
    let user: ID<User>
    let role: RoleCode
    let from: Instant?
    let until: Instant?
    let reads: [RowsSetting]?
    let writes: [RowsSetting]?
    let note: Note?
    /// Conflicts of duties were seen and are taken.
    let acceptConflicts: Flag?
}

struct LoanRequest: WireRecord {
    let grant: ID<Grant>
    let user: Name
    let until: Instant
    let note: Note?
    let acceptConflicts: Flag?
}

private let sees = Endpoint.Need.permission(AccessPermission.seeUsers)
private let gives = Endpoint.Need.permission(AccessPermission.manageGrants)

/// Roles in people's hands.
func grantEndpoints(_ table: RoleTable) -> [Route] {
    [
        .look(
            "/api/v1/grants", needs: sees, summary: "List grants of roles, newest first",
            query: GrantQuery.self, answers: PageView<GrantView>.self
        ) { query, caller, tx in
            let request = PageRequest(query.limit, query.after)
            let rows = try tx.grants(
                GrantFilter(user: query.user, state: query.state?.value),
                before: try query.after?.integers(1)[0] ?? .max, limit: request.limit + 1)
            return PageView(
                try Page(rows, limit: request.limit) { [.integer($0.id.raw)] }.map {
                    try view($0, table, for: caller, in: tx)
                })
        },
        .change(
            .post, "/api/v1/grants", needs: gives,
            summary:
                "Give somebody a role; one that could open the house waits for a second person",
            query: NoQuery.self, body: GrantRequest.self, answers: GrantView.self, status: 201,
            refusals: [GrantRefusal.self, DoorRefusal.self],
            example: GrantRequest(
                user: ID(1), role: .sample, from: nil, until: nil, reads: nil, writes: nil,
                note: nil, acceptConflicts: nil)
        ) { _, body, caller, tx in
            let draft = GrantDraft(
                user: body.user, role: Role(body.role.text), from: body.from, until: body.until,
                reads: try bounds(body.reads), writes: try bounds(body.writes),
                note: body.note?.text ?? "")
            let grant = try give(
                draft, accepting: body.acceptConflicts ?? false, table, by: caller, in: tx)
            table.takenBack.note(at: tx.now)
            return try view(grant, table, for: caller, in: tx)
        },
        .change(
            .post, "/api/v1/grants/{id}/confirmation", needs: gives,
            summary: "Agree as the second person to a grant that waits", query: ByID<Grant>.self,
            body: Empty.self, answers: GrantView.self,
            refusals: [GrantRefusal.self, LifecycleRefusal.self], example: Empty()
        ) { path, _, caller, tx in
            let grant = try confirm(path.id, table, by: caller, in: tx)
            table.takenBack.note(at: tx.now)
            return try view(grant, table, for: caller, in: tx)
        },
        .change(
            .post, "/api/v1/grants/{id}/end", needs: gives,
            summary: "End a grant, or decline one that waits; the person's sessions end",
            query: ByID<Grant>.self, body: Empty.self, answers: GrantView.self,
            refusals: [GrantRefusal.self, DoorRefusal.self, LifecycleRefusal.self],
            example: Empty()
        ) { path, _, caller, tx in
            let grant = try end(path.id, by: caller, in: tx)
            table.takenBack.note(at: tx.now)
            return try view(grant, table, for: caller, in: tx)
        },
    ]
}

/// One's own grants, and lending them.
func ownGrantEndpoints(_ table: RoleTable) -> [Route] {
    [
        .look(
            "/api/v1/session/grants", needs: .signedIn,
            summary: "List one's own open grants, and those that one lent", query: NoQuery.self,
            answers: PageView<GrantView>.self, refusals: [DoorRefusal.self]
        ) { _, caller, tx in
            let id = try userID(caller)
            let own = try [GrantState.waiting, .active].flatMap { state in
                try tx.grants(
                    GrantFilter(user: id, state: state), before: .max, limit: Limit.pageSize)
            }
            let lent = try own.flatMap { try tx.openLoans(of: $0.id) }
            return PageView(
                items: try (own + lent).map { try view($0, table, for: caller, in: tx) }, next: nil)
        },
        .change(
            .post, "/api/v1/session/loans", needs: .signedIn,
            summary: "Lend one of one's own roles to somebody for a time", query: NoQuery.self,
            body: LoanRequest.self, answers: GrantView.self, status: 201,
            refusals: [GrantRefusal.self, DoorRefusal.self],
            example: LoanRequest(
                grant: ID(1), user: Name(checked: "wang"), until: .sample, note: nil,
                acceptConflicts: nil)
        ) { _, body, caller, tx in
            guard caller.isFresh else { throw AccessRefusal.stepUpNeeded }
            let grant = try lend(
                body.grant, to: try requireUser(named: body.user.text, in: tx), until: body.until,
                note: body.note?.text ?? "", accepting: body.acceptConflicts ?? false, table,
                by: caller, in: tx)
            table.takenBack.note(at: tx.now)
            return try view(grant, table, for: caller, in: tx)
        },
        .change(
            .post, "/api/v1/session/loans/{id}/end", needs: .signedIn,
            summary: "Take back a role that one lent, or give back one that one borrowed",
            query: ByID<Grant>.self, body: Empty.self, answers: GrantView.self,
            refusals: [GrantRefusal.self, DoorRefusal.self, LifecycleRefusal.self],
            example: Empty()
        ) { path, _, caller, tx in
            let own = try userID(caller)
            guard let grant = try tx.grant(path.id), let lent = grant.lent,
                try grant.user == own || tx.grant(lent)?.user == own
            else { throw GrantRefusal.grantUnknown }
            let ended = try end(path.id, by: caller, in: tx)
            table.takenBack.note(at: tx.now)
            return try view(ended, table, for: caller, in: tx)
        },
    ]
}

private func bounds(_ rows: [RowsSetting]?) throws -> Bounds {
    var values: [Dimension: Set<Int64>] = [:]
    for one in rows ?? [] {
        guard !one.values.isEmpty else {
            throw GrantRefusal.grantRows(dimension: one.dimension.text)
        }
        values[Dimension(one.dimension.text), default: []].formUnion(
            one.values.map(\.value))
    }
    return Bounds(values)
}

private func settings(_ bounds: Bounds) throws -> [RowsSetting] {
    try bounds.values.sorted { $0.key.name < $1.key.name }.map {
        RowsSetting(
            dimension: Word(checked: $0.key.name),
            values: try $0.value.sorted().map { try Count($0) })
    }
}

/// A grant with the names that a person reads.
func view(
    _ grant: Grant, _ table: RoleTable, for caller: Caller, in tx: ReadTransaction
) throws -> GrantView {
    let card = try roleCard(grant.role, table, in: tx)
    let lender = try grant.lent.flatMap { try tx.grant($0) }.flatMap { try tx.user($0.user) }
    return GrantView(
        id: grant.id,
        user: PersonRef(id: grant.user, name: try tx.user(grant.user)?.name ?? ""),
        role: RoleRef(role: RoleCode(checked: grant.role.code), name: card?.name),
        state: Choice(grant.state),
        inForce: try tx.grantsInForce(of: grant.user).contains { $0.id == grant.id },
        from: grant.from, until: grant.until, reads: try settings(grant.reads),
        writes: try settings(grant.writes),
        lender: lender.map { PersonRef(id: $0.id, name: $0.name) }, note: grant.note,
        given: StampView(grant.given, for: caller),
        confirmed: grant.confirmed.map { StampView($0, for: caller) },
        ended: grant.ended.map { StampView($0, for: caller) })
}
