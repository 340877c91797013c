// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore

/// Why somebody may do something, or what is missing and who could give it.
struct Explanation: Sendable {
    let isAllowed: Bool
    /// Grants in force that allow it.
    let grants: [Grant]
    /// Grants in force that hold the permission, for other rows.
    let elsewhere: [Grant]
    /// Grants that would give it and do not count now: waiting, not begun, run out, or the lender
    /// has lost it.
    let dormant: [Grant]
    /// Roles that would give it.
    let roles: [RoleCard]
    /// People who may give roles and hold it themselves.
    let ask: [User]
    let isSuspended: Bool
}

/// Explains what somebody may do with a permission, in one row or anywhere.
func explain(
    _ code: String, of user: User, at row: [Dimension: Int64], _ table: RoleTable,
    in tx: ReadTransaction
) throws -> Explanation {
    guard let permission = table.all.first(where: { $0.code == code }) else {
        throw GrantRefusal.permissionUnknown(name: code)
    }
    let current = try tx.grantsInForce(of: user.id)
    let holding = try current.compactMap { grant in
        try given(by: grant, table, in: tx)[permission].map { (grant, $0) }
    }
    let allowing = holding.filter { $0.1.bounds.allows(row) }.map(\.0)
    let roles = try roleCards(table, in: tx).filter {
        $0.state == .active && $0.rights.contains(code)
    }
    let names = Set(roles.map(\.role))
    let dormant = try tx.openGrantList(of: user.id).filter { one in
        names.contains(one.role) && !current.contains { $0.id == one.id }
    }
    let ask = try confirmers(besides: .system("explain"), and: user.id, table, in: tx).sorted()
        .prefix(Limit.pageSizeDefault).compactMap { try tx.user($0) }
    let able = try ask.filter {
        try caller($0, table, in: tx).holds(permission, Allowance(bounds: bounds(row)))
    }
    return Explanation(
        isAllowed: user.state == .active && !allowing.isEmpty, grants: allowing,
        elsewhere: holding.filter { !$0.1.bounds.allows(row) }.map(\.0), dormant: dormant,
        roles: roles, ask: able, isSuspended: user.state == .suspended)
}

private func bounds(_ row: [Dimension: Int64]) -> Bounds { Bounds(row.mapValues { [$0] }) }

/// Who holds permissions together that should be in two hands.
struct ConflictRow: Sendable {
    let conflict: DutyConflict
    /// Roles that hold both by themselves.
    let roles: [RoleCard]
    /// People who hold both now.
    let users: [User]
}

/// The report of conflicting duties: every pair with the roles and people that hold both.
func conflictReport(_ table: RoleTable, in tx: ReadTransaction) throws -> [ConflictRow] {
    let cards = try roleCards(table, in: tx).filter { $0.state == .active }
    let grants = try tx.grantsInForce(ofAny: cards.map(\.role))
    var held: [ID<User>: Set<String>] = [:]
    for grant in grants {
        held[grant.user, default: []].formUnion(
            try given(by: grant, table, in: tx).keys.map(\.code))
    }
    return try table.conflicts.map { conflict in
        let pair: Set<String> = [conflict.one.code, conflict.other.code]
        return ConflictRow(
            conflict: conflict, roles: cards.filter { pair.isSubset(of: $0.rights) },
            users: try held.filter { pair.isSubset(of: $0.value) }.keys.sorted()
                .prefix(Limit.pageSize).compactMap { try tx.user($0) })
    }
}

/// Looks through somebody's eyes for a while: what both may see, and nothing can be changed.
func beginView(
    of id: ID<User>, by caller: Caller, in tx: WriteTransaction
) throws -> Viewing {
    guard let session = caller.session else { throw AccessRefusal.unauthenticated }
    let user = try require(id, in: tx)
    guard caller.actor != .user(id.raw) else { throw GrantRefusal.viewOwn }
    let until = try tx.now.adding(seconds: GrantRule.viewSeconds)
    try tx.beginView(ID(session), of: id, until: until)
    try tx.tell(
        AccessEvent.viewBegun, about: id.description,
        ["name": .text(user.name), "until": .instant(until)], by: caller)
    return Viewing(user: id, until: until)
}

/// Looks through one's own eyes again.
func endView(by caller: Caller, in tx: WriteTransaction) throws {
    guard let session = caller.session, let viewing = try tx.viewing(ID(session)) else {
        throw GrantRefusal.viewNone
    }
    try tx.endView(ID(session))
    try tx.tell(AccessEvent.viewEnded, about: viewing.user.description, [:], by: caller)
}
