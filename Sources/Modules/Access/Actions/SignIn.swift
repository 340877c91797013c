// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
package import SealedStore
import Secrets

/// A token as it leaves the box, once, with its owner.
package struct Opened<Owner: Sendable>: Sendable {
    package let owner: Owner
    /// 256 bits of entropy as text.
    package let token: String
}

/// Tokens are 52 characters of base 32: 260 bits.
private let tokenLength = 52

/// The digest under which a token is kept and found.
func tokenDigest(_ token: String) -> [UInt8] {
    Digest.blake2b(Array(token.utf8))
}

/// The one-time code for the first administrator, made anew; nil when there is a user already.
///
/// Called at every start, so a code that was lost is replaced by a restart.
package func renewSetupCode(in tx: WriteTransaction) throws -> String? {
    guard try !tx.anyUser() else { return nil }
    let code = Random.text(8)
    try tx.setSetupCode(tokenDigest(code))
    return "\(code.prefix(4))-\(code.suffix(4))"
}

/// Checks the code before a password is hashed for it, and slows down whoever guesses.
func checkSetupCode(_ code: String, from address: String, store: SealedStore) throws {
    let key = "setup:\(address)"
    let isRight = try store.read { tx in
        if try tx.anyUser() { throw DoorRefusal.setupDone }
        try requireCalm(key, in: tx)
        return try isSetupCode(code, in: tx)
    }
    guard !isRight else { return }
    try store.write { tx in
        try tx.setThrottle(
            key, try ThrottleRule.afterFailure(try tx.throttle(key), at: tx.now))
    }
    throw DoorRefusal.setupCodeWrong
}

private func isSetupCode(_ code: String, in tx: ReadTransaction) throws -> Bool {
    guard let expected = try tx.setupCode() else { return false }
    return equalInConstantTime(expected, tokenDigest(code.uppercased().filter { $0 != "-" }))
}

/// What a password check found, before the transaction that acts on it.
struct PasswordVerdict: Sendable {
    let user: User
}

/// Makes the first administrator and sets the site up.
func setUp(
    code: String, name: String, password: PasswordHash, language: Language, site: Site,
    in tx: WriteTransaction
) throws -> Opened<User> {
    guard try !tx.anyUser() else { throw DoorRefusal.setupDone }
    guard try isSetupCode(code, in: tx) else { throw DoorRefusal.setupCodeWrong }
    try tx.setSite(site)
    let id = try tx.insertUser(
        name: name, password: password.text, role: .administrator, language: language)
    try tx.clearSetupCode()
    try tx.tell(
        AccessEvent.setUp, about: id.description,
        ["name": .text(name), "site": .text(site.name), "timeZone": .text(site.timeZone)],
        by: .named(.user(id.raw), name))
    return try open(id, in: tx)
}

/// Looks the password up and compares it: slow on purpose, so never inside the writer.
///
/// An unknown name costs the same as a wrong password, and both are told apart by nobody.
func checkPassword(
    of name: String, _ password: String, from address: String, store: SealedStore
) throws -> PasswordVerdict {
    let keys = ["account:\(name.lowercased())", "address:\(address)"]
    let known = try store.read { tx in
        for key in keys { try requireCalm(key, in: tx) }
        return try tx.userWithPassword(named: name)
    }
    let hash = PasswordHash(text: known?.password ?? DummyHash.shared.text)
    if hash.matches(password), let user = known?.user, user.state == .active {
        return PasswordVerdict(user: user)
    }
    try store.write { tx in
        for key in keys {
            try tx.setThrottle(
                key, try ThrottleRule.afterFailure(try tx.throttle(key), at: tx.now))
        }
        try tx.tell(
            AccessEvent.signInRefused, about: known?.user.id.description ?? "",
            ["name": .text(name), "address": .text(address)], by: .guest)
    }
    throw DoorRefusal.sessionRefused
}

private func requireCalm(_ key: String, in tx: ReadTransaction) throws {
    guard let throttle = try tx.throttle(key), throttle.until > tx.now else { return }
    let wait = (throttle.until.microseconds - tx.now.microseconds) / 1_000_000 + 1
    throw DoorRefusal.throttled(seconds: wait)
}

/// The hash that stands in for the one an unknown user does not have.
private enum DummyHash {
    static let shared = PasswordHash.make(Random.text(20)) ?? PasswordHash(text: "")
}

/// Opens a session for somebody whose password was right.
func signIn(_ verdict: PasswordVerdict, from address: String, in tx: WriteTransaction) throws
    -> Opened<User>
{
    // The account may have been suspended between the check and now.
    guard let user = try tx.user(verdict.user.id), user.state == .active else {
        throw DoorRefusal.sessionRefused
    }
    try tx.clearThrottle("account:\(user.name.lowercased())")
    try tx.clearThrottle("address:\(address)")
    try tx.noteSignIn(of: user.id)
    try tx.tell(
        AccessEvent.signedIn, about: user.id.description, ["address": .text(address)],
        by: .named(.user(user.id.raw), user.name))
    return try open(user.id, in: tx)
}

private func open(_ id: ID<User>, in tx: WriteTransaction) throws -> Opened<User> {
    guard let user = try tx.user(id) else { throw DoorRefusal.userUnknown }
    let token = Random.text(tokenLength)
    try tx.insertSession(of: id, token: tokenDigest(token))
    return Opened(owner: user, token: token)
}

/// Ends the session of `token`; ending one that is not there is no fault.
func signOut(token: String, by caller: Caller, in tx: WriteTransaction) throws {
    guard try tx.deleteSession(token: tokenDigest(token)) > 0 else { return }
    try tx.tell(AccessEvent.signedOut, about: caller.actor.description, [:], by: caller)
}

/// A token for a device, shown once. Its prefix lets leaked ones be found by scanners of text.
func newDeviceToken() -> String { "sld_" + Random.text(tokenLength) }
