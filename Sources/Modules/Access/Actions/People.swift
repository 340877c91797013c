// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore
import Secrets

/// Adds an account. It may do nothing until it is given a role.
///
/// - Parameter isGiven: whether somebody else chose the password: it then opens the door once, and
///   the person must replace it.
func addUser(
    name: String, password: PasswordHash, language: Language, isGiven: Bool = false,
    by caller: Caller, in tx: WriteTransaction
) throws -> User {
    let form = folded(name)
    guard try tx.userWithPassword(named: name, folded: form) == nil else {
        throw DoorRefusal.userNameTaken(name: name)
    }
    let id = try tx.insertUser(
        name: name, folded: form, password: password.text, language: language)
    if isGiven {
        try tx.updatePassword(
            of: id, to: password.text,
            oneTimeUntil: try tx.now.adding(seconds: OneTimeRule.firstSeconds))
    }
    try tx.tell(
        AccessEvent.userAdded, about: id.description,
        ["name": .text(name)], by: caller)
    return try require(id, in: tx)
}

/// What an edit of a user changes; nil keeps.
struct UserEdit: Sendable {
    var state: UserState?
    var language: Language?
}

/// Changes a user. A change of state ends all of the user's sessions.
func edit(
    _ id: ID<User>, _ edit: UserEdit, if condition: EditCondition, _ table: RoleTable,
    by caller: Caller, in tx: WriteTransaction
) throws -> User {
    let old = try require(id, in: tx)
    try condition.require(editionTag(old.edition))
    let state = edit.state ?? old.state
    let language = edit.language ?? old.language
    if state != old.state { try requireReach(of: caller, over: id, table, in: tx) }
    try tx.updateUser(id, state: state, language: language)
    if state != old.state { try tx.deleteSessions(of: id, except: nil) }
    try requireOwner(in: tx)
    if state == .suspended { try endTokens(of: old, by: caller, in: tx) }
    try tx.tell(
        AccessEvent.userChanged, about: id.description,
        [
            "state": .list([.text(old.state.rawValue), .text(state.rawValue)]),
            "language": .list([.text(old.language.rawValue), .text(language.rawValue)]),
        ], by: caller)
    return try require(id, in: tx)
}

func setLanguage(
    of id: ID<User>, to language: Language, by caller: Caller, in tx: WriteTransaction
) throws -> User {
    let user = try require(id, in: tx)
    try tx.updateUser(id, state: user.state, language: language)
    try tx.tell(
        AccessEvent.userChanged, about: id.description,
        ["language": .list([.text(user.language.rawValue), .text(language.rawValue)])],
        by: caller)
    return try require(id, in: tx)
}

/// Whether people of a role must have a second factor. Whoever has none is led to it at once.
func setRole(
    _ role: Role, needsFactor: Bool, by caller: Caller, in tx: WriteTransaction
) throws {
    let before = try tx.rolesWithFactor().contains(role)
    try tx.setRole(role, needsFactor: needsFactor)
    try tx.tell(
        AccessEvent.roleChanged, about: role.code,
        ["factorNeeded": .list([.flag(before), .flag(needsFactor)])], by: caller)
}
