// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Web

struct ConflictRowView: Codable, Sendable {
    let conflict: ConflictView
    let roles: [RoleRef]
    let users: [PersonRef]
}

struct ConflictReportView: WireRecord {
    let rows: [ConflictRowView]
}

struct ExplanationQuery: Codable, Sendable {
    let id: ID<User>
    let permission: Word
    /// A row to ask about; both or none.
    let dimension: Word?
    let value: Count?
}

/// Why somebody may do something, or what is missing and whom to ask.
struct ExplanationView: WireRecord {
    let allowed: Bool
    let suspended: Bool
    /// Grants that allow it.
    let grants: [GrantView]
    /// Grants that hold the permission for other rows.
    let elsewhere: [GrantView]
    /// Grants that would give it and do not count now.
    let dormant: [GrantView]
    /// Roles that would give it.
    let roles: [RoleRef]
    /// Who may give it.
    let ask: [PersonRef]
}

struct ViewRequest: WireRecord {
    let user: ID<User>
}

struct ViewingView: WireRecord {
    let id: ID<User>
    let name: String
    let until: Instant
}

/// The row that a question is about; empty when it is about any.
private func row(
    of query: ExplanationQuery, _ table: RoleTable
) throws(GrantRefusal) -> [Dimension: Int64] {
    if query.dimension == nil, query.value == nil { return [:] }
    let dimension = Dimension(query.dimension?.text ?? "")
    guard let value = query.value, table.dimension(dimension) != nil else {
        throw .grantRows(dimension: dimension.name)
    }
    return [dimension: value.value]
}

private let sees = Endpoint.Need.permission(AccessPermission.seeUsers)

/// Conflicting duties, explanations, and looking through somebody's eyes.
func reportEndpoints(_ table: RoleTable) -> [Route] {
    [
        .look(
            "/api/v1/grant-conflicts", needs: sees,
            summary: "Report who holds permissions together that should be in two hands",
            query: NoQuery.self, answers: ConflictReportView.self
        ) { _, _, tx in
            ConflictReportView(
                rows: try conflictReport(table, in: tx).map { row in
                    ConflictRowView(
                        conflict: conflictView(row.conflict), roles: row.roles.map(roleRef),
                        users: row.users.map { PersonRef(id: $0.id, name: $0.name) })
                })
        },
        .look(
            "/api/v1/users/{id}/explanation", needs: sees,
            summary: "Explain why a user may or may not do something",
            query: ExplanationQuery.self, answers: ExplanationView.self,
            refusals: [GrantRefusal.self, DoorRefusal.self]
        ) { query, caller, tx in
            let user = try require(query.id, in: tx)
            let row = try row(of: query, table)
            let why = try explain(query.permission.text, of: user, at: row, table, in: tx)
            return ExplanationView(
                allowed: why.isAllowed, suspended: why.isSuspended,
                grants: try why.grants.map { try view($0, table, for: caller, in: tx) },
                elsewhere: try why.elsewhere.map { try view($0, table, for: caller, in: tx) },
                dormant: try why.dormant.map { try view($0, table, for: caller, in: tx) },
                roles: why.roles.map(roleRef),
                ask: why.ask.map { PersonRef(id: $0.id, name: $0.name) })
        },
        .change(
            .post, "/api/v1/session/view", needs: .permission(AccessPermission.viewAs),
            summary: "Look through a user's eyes for a quarter of an hour; nothing can be changed",
            query: NoQuery.self, body: ViewRequest.self, answers: ViewingView.self,
            refusals: [GrantRefusal.self, DoorRefusal.self], example: ViewRequest(user: ID(1)),
            repeats: .allowed
        ) { _, body, caller, tx in
            let viewing = try beginView(of: body.user, by: caller, in: tx)
            table.takenBack.note(at: tx.now)
            let name = try require(viewing.user, in: tx).name
            return ViewingView(id: viewing.user, name: name, until: viewing.until)
        },
        .change(
            .delete, "/api/v1/session/view", needs: .signedIn,
            summary: "Look through one's own eyes again", query: NoQuery.self, body: NoBody.self,
            answers: Nothing.self, status: 204, refusals: [GrantRefusal.self], repeats: .allowed
        ) { _, _, caller, tx in
            try endView(by: caller, in: tx)
            table.takenBack.note(at: tx.now)
            return Nothing()
        },
    ]
}
