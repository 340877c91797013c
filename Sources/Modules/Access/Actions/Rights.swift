// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore

/// The role of a name, wherever it comes from; nil when there is none.
func roleCard(_ role: Role, _ table: RoleTable, in tx: ReadTransaction) throws -> RoleCard? {
    if let shipped = role.shipped {
        return RoleCard(
            role: role, name: nil, purpose: nil,
            rights: Set(table.permissions(of: shipped).map(\.code)),
            most: shippedLimits(shipped), state: .active, edition: 1)
    }
    return try role.custom.flatMap { try tx.customRole($0) }.map(roleCard)
}

func roleCard(_ custom: CustomRole) -> RoleCard {
    RoleCard(
        role: Role(custom.id), name: custom.name, purpose: custom.purpose, rights: custom.rights,
        most: custom.most, state: custom.state, edition: custom.edition)
}

func require(_ role: Role, _ table: RoleTable, in tx: ReadTransaction) throws -> RoleCard {
    guard let card = try roleCard(role, table, in: tx) else { throw GrantRefusal.roleUnknown }
    return card
}

/// All roles: those of the house first, then those made here.
func roleCards(_ table: RoleTable, in tx: ReadTransaction) throws -> [RoleCard] {
    try ShippedRole.allCases.compactMap { try roleCard(Role($0), table, in: tx) }
        + tx.customRoles().map(roleCard)
}

/// Everything that somebody may do now, and how: what their grants in force give together.
func allowances(
    of user: ID<User>, _ table: RoleTable, in tx: ReadTransaction
) throws -> [Permission: [Allowance]] {
    try allowances(of: tx.grantsInForce(of: user), table, in: tx)
}

/// The part of it that lasts until an instant; nil is until further notice.
func allowances(
    of user: ID<User>, lasting end: Instant?, _ table: RoleTable, in tx: ReadTransaction
) throws -> [Permission: [Allowance]] {
    let lasting = try tx.grantsInForce(of: user).filter { grant in
        guard let until = grant.until else { return true }
        return end.map { $0 <= until } ?? false
    }
    return try allowances(of: lasting, table, in: tx)
}

private func allowances(
    of grants: [Grant], _ table: RoleTable, in tx: ReadTransaction
) throws -> [Permission: [Allowance]] {
    var held: [Permission: [Allowance]] = [:]
    for grant in grants {
        for (permission, allowance) in try given(by: grant, table, in: tx) {
            held[permission, default: []].append(allowance)
        }
    }
    return held
}

/// What a session may do: what its person may, or what both may while it looks through the eyes of
/// somebody else.
func allowances(
    of user: ID<User>, through session: ID<Session>?, _ table: RoleTable, in tx: ReadTransaction
) throws -> (held: [Permission: [Allowance]], viewing: Viewing?) {
    let own = try allowances(of: user, table, in: tx)
    guard let viewing = try session.flatMap({ try tx.viewing($0) }) else { return (own, nil) }
    return (common(own, try allowances(of: viewing.user, table, in: tx)), viewing)
}

/// What one grant gives.
func given(
    by grant: Grant, _ table: RoleTable, in tx: ReadTransaction
) throws -> [Permission: Allowance] {
    guard let card = try roleCard(grant.role, table, in: tx) else { return [:] }
    return allowances(
        card, reads: try reached(grant.reads, by: grant.user, table, in: tx),
        writes: try reached(grant.writes, by: grant.user, table, in: tx), table)
}

/// The bounds of a grant as they are applied: branches of a tree come along, "one's own" is filled
/// in. A dimension whose room is gone keeps its values, so that nothing opens by that.
private func reached(
    _ bounds: Bounds, by user: ID<User>, _ table: RoleTable, in tx: ReadTransaction
) throws -> Bounds {
    var values = bounds.values
    for (dimension, ids) in bounds.values {
        guard let known = table.dimension(dimension) else { continue }
        values[dimension] = try known.reached(tx, ids, user.raw)
    }
    return Bounds(values)
}

/// What somebody may do, as a caller.
func caller(_ user: User, _ table: RoleTable, in tx: ReadTransaction) throws -> Caller {
    let held = try allowances(of: user.id, table, in: tx)
    return Caller(
        actor: .user(user.id.raw), name: user.name, permissions: Set(held.keys), scope: .nothing,
        language: user.language, allowances: held)
}

/// Everything that somebody may do now or could by what they were given already: grants that wait,
/// that begin later, or whose lender may not come in just now.
func prospects(
    of user: ID<User>, _ table: RoleTable, in tx: ReadTransaction
) throws -> [Permission: [Allowance]] {
    let now = tx.now
    var held: [Permission: [Allowance]] = [:]
    for grant in try tx.openGrantList(of: user) where grant.until.map({ $0 > now }) ?? true {
        for (permission, allowance) in try given(by: grant, table, in: tx) {
            held[permission, default: []].append(allowance)
        }
    }
    return held
}

/// Throws unless the caller may do all that the user may or will, in the same rows. Who could take
/// over an account has its rights, so nobody acts on one that has more than they. The box itself may.
func requireReach(
    of caller: Caller, over user: ID<User>, _ table: RoleTable, in tx: ReadTransaction
) throws {
    if case .system = caller.actor { return }
    for (permission, held) in try prospects(of: user, table, in: tx) {
        guard held.allSatisfy({ caller.holds(permission, $0) }) else {
            throw GrantRefusal.userBeyondYou
        }
    }
}

/// Throws when a change left the house without an owner.
func requireOwner(in tx: ReadTransaction) throws {
    guard try tx.owners() > 0 else { throw DoorRefusal.lastAdministrator }
}

/// The rows that a device sees.
func scope(of device: Device) -> Scope {
    device.warehouse.map { .warehouses([$0]) } ?? .everything
}

/// Looks again, in the transaction of a change, at somebody who was looked up before rights were
/// taken from anybody: a change may have waited for a password's hash or a file's rows.
///
/// - Parameter caller: what they could do when they were looked up.
/// - Throws: an `AccessRefusal` when their session ended, they look through another's eyes by now,
///   or they have less than they had.
func requireStill(
    _ caller: Caller, _ table: RoleTable, in tx: ReadTransaction
) throws {
    if case .device(let raw) = caller.actor {
        let device = try tx.device(ID<Device>(raw))
        guard let device, device.state == .active, scope(of: device) == caller.scope else {
            throw AccessRefusal.unauthenticated
        }
    }
    guard case .user(let raw) = caller.actor else { return }
    let id = ID<User>(raw)
    guard let user = try tx.user(id), user.state == .active else {
        throw AccessRefusal.unauthenticated
    }
    let session = caller.session.map { ID<Session>($0) }
    if let session, try tx.session(session) == nil { throw AccessRefusal.unauthenticated }
    let (held, viewing) = try allowances(of: id, through: session, table, in: tx)
    if viewing != nil, !caller.isViewing { throw AccessRefusal.viewingOnly }
    for (permission, before) in caller.allowances.sorted(by: { $0.key.code < $1.key.code }) {
        let now = held[permission] ?? []
        guard before.allSatisfy({ one in now.contains { $0.covers(one) } }) else {
            throw AccessRefusal.forbidden(permission)
        }
    }
}
