// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore
import Secrets

/// Hashes a new password that the rules accept.
func hashed(_ password: String, unlike words: [String]) throws -> PasswordHash {
    try PasswordRule.require(password, unlike: words)
    guard let hash = PasswordHash.make(password) else { throw DoorRefusal.noMemory }
    return hash
}

/// What a password of this house must not be like: the person's name and the company's.
func nearWords(_ name: String, store: SealedStore) throws -> [String] {
    [name, try store.read { try $0.site()?.name } ?? ""]
}

/// Changes one's own password: ends the other sessions, and gives this one a new token.
func changePassword(
    session token: String, current: String, new: PasswordHash, _ visitor: Visitor,
    _ checks: CheckCount, store: SealedStore
) throws -> String {
    let (user, stored) = try store.write { tx in
        let (_, user) = try here(token, in: tx)
        try takeTry(try factorKeys(of: user.id, visitor, in: tx), in: tx)
        return (user, try tx.password(of: user.id))
    }
    guard checkHash(stored, current, checks) else { throw DoorRefusal.passwordWrong }
    return try store.write { tx in
        let (session, _) = try here(token, in: tx)
        guard try tx.password(of: user.id) == stored else { throw DoorRefusal.passwordWrong }
        try giveBack(try factorKeys(of: user.id, visitor, in: tx), in: tx)
        return try replacePassword(of: user, session, new, in: tx)
    }
}

/// Chooses a password of one's own in the place of one that somebody else gave.
func choosePassword(
    session token: String, new: PasswordHash, in tx: WriteTransaction
) throws -> String {
    let (session, user) = try here(token, in: tx)
    guard user.oneTimeUntil != nil else { throw DoorRefusal.passwordOwn }
    return try replacePassword(of: user, session, new, in: tx)
}

private func replacePassword(
    of user: User, _ session: Session, _ new: PasswordHash, in tx: WriteTransaction
) throws -> String {
    try tx.updatePassword(of: user.id, to: new.text, oneTimeUntil: nil)
    try tx.deleteSessions(of: user.id, except: session.id)
    try tx.tell(
        AccessEvent.passwordChanged, about: user.id.description, [:],
        by: .named(.user(user.id.raw), user.name))
    let fresh = newToken()
    // Somebody who came in by a message has still to show the stronger factor.
    try tx.renewSession(session.id, token: tokenDigest(fresh), proves: session.way != .sms)
    return fresh
}

/// Gives somebody else a password for once and ends their sessions.
func resetPassword(
    of id: ID<User>, to password: PasswordHash, _ table: RoleTable, by caller: Caller,
    in tx: WriteTransaction
) throws {
    let user = try require(id, in: tx)
    try requireReach(of: caller, over: id, table, in: tx)
    try tx.updatePassword(
        of: user.id, to: password.text,
        oneTimeUntil: try tx.now.adding(seconds: OneTimeRule.resetSeconds))
    try tx.deleteSessions(of: id, except: nil)
    try endTokens(of: user, by: caller, in: tx)
    try tx.clearThrottle(.account(id))
    try tx.insertNotice(of: id, .passwordReset, by: caller.name)
    try tx.tell(AccessEvent.passwordChanged, about: id.description, [:], by: caller)
}

/// Lets somebody in again who lost everything: a password for once, no second factors, no old
/// sessions or browsers. Only the box itself can do it.
func rescue(
    named name: String, with password: PasswordHash, by caller: Caller, in tx: WriteTransaction
) throws -> User {
    let user = try requireUser(named: name, in: tx)
    try tx.updateUser(user.id, state: .active, language: user.language)
    try tx.updatePassword(
        of: user.id, to: password.text,
        oneTimeUntil: try tx.now.adding(seconds: OneTimeRule.rescueSeconds))
    try removeFactors(of: user, in: tx)
    try tx.deleteSessions(of: user.id, except: nil)
    try endTokens(of: user, by: caller, in: tx)
    try tx.deleteLanes(of: user.id)
    for key in [ThrottleKey.account(user.id), .factor(user.id)] { try tx.clearThrottle(key) }
    try tx.insertNotice(of: user.id, .rescued, by: caller.name)
    try tx.tell(
        AccessEvent.rescued, about: user.id.description,
        [
            "name": .text(user.name),
            "state": .list([.text(user.state.rawValue), .text(UserState.active.rawValue)]),
        ], by: caller)
    return try require(user.id, in: tx)
}

func requireUser(named name: String, in tx: ReadTransaction) throws -> User {
    guard let user = try tx.userWithPassword(named: name, folded: folded(name))?.user else {
        throw DoorRefusal.userUnknown
    }
    return user
}

func require(_ id: ID<User>, in tx: ReadTransaction) throws -> User {
    guard let user = try tx.user(id) else { throw DoorRefusal.userUnknown }
    return user
}
