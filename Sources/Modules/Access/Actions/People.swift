// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore
import Secrets

func addUser(
    name: String, password: PasswordHash, role: Role, language: Language, by caller: Caller,
    in tx: WriteTransaction
) throws -> User {
    let form = folded(name)
    guard try tx.userWithPassword(named: name, folded: form) == nil else {
        throw DoorRefusal.userNameTaken(name: name)
    }
    let id = try tx.insertUser(
        name: name, folded: form, password: password.text, role: role, language: language)
    try tx.tell(
        AccessEvent.userAdded, about: id.description,
        ["name": .text(name), "role": .text(role.rawValue)], by: caller)
    return try require(id, in: tx)
}

/// What an edit of a user changes; nil keeps.
struct UserEdit: Sendable {
    var role: Role?
    var state: UserState?
    var language: Language?
}

/// Changes a user. A change of role or state ends all of the user's sessions.
func edit(
    _ id: ID<User>, _ edit: UserEdit, if condition: EditCondition, by caller: Caller,
    in tx: WriteTransaction
) throws -> User {
    let old = try require(id, in: tx)
    try condition.require(editionTag(old.edition))
    let role = edit.role ?? old.role
    let state = edit.state ?? old.state
    let language = edit.language ?? old.language
    if role != .administrator || state != .active {
        guard try tx.otherAdministrators(than: id) > 0 else { throw DoorRefusal.lastAdministrator }
    }
    try tx.updateUser(id, role: role, state: state, language: language)
    if role != old.role || state != old.state { try tx.deleteSessions(of: id, except: nil) }
    try tx.tell(
        AccessEvent.userChanged, about: id.description,
        [
            "role": .list([.text(old.role.rawValue), .text(role.rawValue)]),
            "state": .list([.text(old.state.rawValue), .text(state.rawValue)]),
            "language": .list([.text(old.language.rawValue), .text(language.rawValue)]),
        ], by: caller)
    return try require(id, in: tx)
}

func setLanguage(
    of id: ID<User>, to language: Language, by caller: Caller, in tx: WriteTransaction
) throws -> User {
    let user = try require(id, in: tx)
    try tx.updateUser(id, role: user.role, state: user.state, language: language)
    try tx.tell(
        AccessEvent.userChanged, about: id.description,
        ["language": .list([.text(user.language.rawValue), .text(language.rawValue)])],
        by: caller)
    return try require(id, in: tx)
}

func addDevice(
    name: String, warehouse: Int64?, by caller: Caller, in tx: WriteTransaction
) throws -> Opened<Device> {
    guard try !tx.deviceIsNamed(name) else { throw DoorRefusal.deviceNameTaken(name: name) }
    let token = newDeviceToken()
    let id = try tx.insertDevice(
        name: name, token: tokenDigest(token), warehouse: warehouse)
    try tx.tell(
        AccessEvent.deviceAdded, about: id.description,
        ["name": .text(name), "warehouse": warehouse.map { .integer($0) } ?? .none], by: caller)
    guard let device = try tx.device(id) else { throw DoorRefusal.deviceUnknown }
    return Opened(owner: device, token: token)
}

/// Revokes a device; revoking it again changes nothing.
func revoke(_ id: ID<Device>, by caller: Caller, in tx: WriteTransaction) throws -> Device {
    guard let device = try tx.device(id) else { throw DoorRefusal.deviceUnknown }
    guard device.state == .active else { return device }
    try tx.revokeDevice(id)
    try tx.tell(
        AccessEvent.deviceRevoked, about: id.description,
        [
            "name": .text(device.name),
            "state": .list([.text(device.state.rawValue), .text(DeviceState.revoked.rawValue)]),
        ], by: caller)
    return try tx.device(id) ?? device
}

/// Whether people of a role must have a second factor. Whoever has none is led to it at once.
func setRole(
    _ role: Role, needsFactor: Bool, by caller: Caller, in tx: WriteTransaction
) throws {
    let before = try tx.rolesWithFactor().contains(role)
    try tx.setRole(role, needsFactor: needsFactor)
    try tx.tell(
        AccessEvent.roleChanged, about: role.rawValue,
        ["factorNeeded": .list([.flag(before), .flag(needsFactor)])], by: caller)
}
