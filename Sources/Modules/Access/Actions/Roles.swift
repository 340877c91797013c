// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore

/// Makes a role out of permissions, never of more than its maker holds over all rows.
func addRole(
    _ draft: RoleDraft, _ table: RoleTable, by caller: Caller, in tx: WriteTransaction
) throws -> RoleCard {
    try check(draft, besides: nil, table, by: caller, in: tx)
    guard try tx.customRoles().count < RoleRule.most else {
        throw GrantRefusal.roleTooMany(most: Int64(RoleRule.most))
    }
    let id = try tx.insertRole(draft)
    try tx.tell(AccessEvent.roleAdded, about: id.description, facts(draft), by: caller)
    return try require(Role(id), table, in: tx)
}

/// Changes a role that was made here. Everybody who holds it has to sign in again.
func edit(
    _ role: Role, _ draft: RoleDraft, if condition: EditCondition, _ table: RoleTable,
    by caller: Caller, in tx: WriteTransaction
) throws -> RoleCard {
    let (id, old) = try custom(role, table, in: tx)
    try condition.require(editionTag(old.edition))
    guard old.state == .active else { throw GrantRefusal.roleRetired }
    try check(draft, besides: id, table, by: caller, in: tx)
    let grants = try tx.openGrants(of: role)
    let gains = draft.rights.subtracting(old.rights)
    // Else a second person would have confirmed less than what is given.
    if isSensitive(gains), !grants.isEmpty { throw GrantRefusal.roleSensitiveInUse }
    if grants.contains(where: { caller.actor == .user($0.user.raw) }), gains != [] {
        throw GrantRefusal.grantOwn
    }
    try tx.updateRole(id, draft)
    for user in Set(grants.map(\.user)) { try tx.deleteSessions(of: user, except: nil) }
    let before = RoleDraft(
        name: old.name ?? "", purpose: old.purpose ?? "", rights: old.rights, most: old.most)
    try tx.tell(
        AccessEvent.roleChanged, about: id.description,
        ["before": .record(facts(before)), "after": .record(facts(draft))], by: caller)
    return try require(role, table, in: tx)
}

/// Takes a role out of use. One that somebody holds stays.
func retire(
    _ role: Role, _ table: RoleTable, by caller: Caller, in tx: WriteTransaction
) throws -> RoleCard {
    let (id, old) = try custom(role, table, in: tx)
    guard old.state == .active else { return old }
    let holders = try tx.openGrants(of: role).count
    guard holders == 0 else { throw GrantRefusal.roleInUse(holders: Int64(holders)) }
    try tx.retireRole(id)
    try tx.tell(
        AccessEvent.roleRetired, about: id.description, ["name": .text(old.name ?? "")],
        by: caller)
    return try require(role, table, in: tx)
}

private func custom(
    _ role: Role, _ table: RoleTable, in tx: ReadTransaction
) throws -> (ID<CustomRole>, RoleCard) {
    let card = try require(role, table, in: tx)
    guard let id = role.custom else { throw GrantRefusal.roleShipped }
    return (id, card)
}

private func check(
    _ draft: RoleDraft, besides id: ID<CustomRole>?, _ table: RoleTable, by caller: Caller,
    in tx: ReadTransaction
) throws {
    guard try !tx.roleIsNamed(draft.name, besides: id) else {
        throw GrantRefusal.roleNameTaken(name: draft.name)
    }
    let known = Set(table.all.map(\.code))
    if let stranger = draft.rights.subtracting(known).min() {
        throw GrantRefusal.permissionUnknown(name: stranger)
    }
    for name in draft.most.keys.sorted() {
        guard let limit = table.limits.first(where: { $0.name == name }),
            draft.rights.contains(limit.permission.code)
        else { throw GrantRefusal.limitUnknown(name: name) }
    }
    let card = RoleCard(
        role: Role(""), name: draft.name, purpose: nil, rights: draft.rights, most: draft.most,
        state: .active, edition: 1)
    let wanted = allowances(card, reads: .none, writes: .none, table)
    if let more = missing(wanted, of: caller) {
        throw GrantRefusal.roleBeyondYou(permission: more.code)
    }
}

private func facts(_ draft: RoleDraft) -> [String: Fact] {
    [
        "name": .text(draft.name), "purpose": .text(draft.purpose),
        "permissions": .list(draft.rights.sorted().map { .text($0) }),
        "limits": .record(draft.most.mapValues { .integer($0) }),
    ]
}
