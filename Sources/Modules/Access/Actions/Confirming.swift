// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore
import Secrets

/// Takes a code of somebody's app or one of their recovery codes. What was taken cannot be taken
/// again: both are used up in the transaction that acts on them.
///
/// Returns which it was; nil when it is neither.
func useCode(_ typed: String, of user: User, in tx: WriteTransaction) throws -> Way? {
    let code = RecoveryRule.plain(typed)
    if code.utf8.count == OneTimeCode.digits {
        guard user.factors.contains(.totp), let kept = try tx.totp(of: user.id) else { return nil }
        guard let step = try step(of: code, kept, user.id, in: tx),
            try tx.takeStep(step, of: user.id)
        else { return nil }
        return .totp
    }
    guard RecoveryRule.lengths.contains(code.utf8.count),
        try tx.takeRecoveryCode(tokenDigest(code), of: user.id)
    else { return nil }
    try tx.insertNotice(of: user.id, .recoveryUsed, by: user.name)
    try tx.tell(
        AccessEvent.recoveryUsed, about: user.id.description,
        ["left": .integer(try tx.recoveryCodes(of: user.id))],
        by: .named(.user(user.id.raw), user.name))
    return .recovery
}

/// Proves by a code that it is still the person who sits there. Returns the session's new token.
func prove(
    code: String, session token: String, _ visitor: Visitor, store: SealedStore
) throws -> String {
    let result = try store.write { tx -> Result<String, DoorRefusal> in
        tx.origin = visitor.origin
        let (session, user) = try here(token, in: tx)
        guard !user.strongFactors.isEmpty else { return .failure(.factorMissing) }
        let keys = try factorKeys(of: user.id, visitor, in: tx)
        try takeTry(keys, in: tx)
        guard let way = try useCode(code, of: user, in: tx) else {
            try tellProofRefused(user, visitor, in: tx)
            return .failure(.codeWrong)
        }
        try giveBack(keys, in: tx)
        return .success(try renew(session, user, way, in: tx))
    }
    return try result.get()
}

/// The same by the password, for people who have no second factor.
func prove(
    password: String, session token: String, _ visitor: Visitor, _ checks: CheckCount,
    store: SealedStore
) throws -> String {
    let (user, stored) = try store.write { tx in
        let (_, user) = try here(token, in: tx)
        guard user.strongFactors.isEmpty else { throw DoorRefusal.factorAsked }
        try takeTry(try factorKeys(of: user.id, visitor, in: tx), in: tx)
        return (user, try tx.password(of: user.id))
    }
    guard checkHash(stored, password, checks) else {
        try store.write { try tellProofRefused(user, visitor, in: $0) }
        throw DoorRefusal.passwordWrong
    }
    return try store.write { tx in
        tx.origin = visitor.origin
        let (session, now) = try here(token, in: tx)
        guard now.strongFactors.isEmpty, try tx.password(of: now.id) == stored else {
            throw DoorRefusal.passwordWrong
        }
        try giveBack(try factorKeys(of: now.id, visitor, in: tx), in: tx)
        return try renew(session, now, .password, in: tx)
    }
}

/// The session of a token and its person.
func here(_ token: String, in tx: ReadTransaction) throws -> (Session, User) {
    guard let session = try tx.session(token: tokenDigest(token)),
        SessionRule.isAlive(session, at: tx.now), let user = try tx.user(session.user),
        user.state == .active
    else { throw AccessRefusal.unauthenticated }
    return (session, user)
}

/// Gives a session that rose in rights a new token.
func renew(
    _ session: Session, _ user: User, _ way: Way, in tx: WriteTransaction
) throws -> String {
    let token = newToken()
    try tx.renewSession(session.id, token: tokenDigest(token))
    try tx.tell(
        AccessEvent.proved, about: user.id.description, ["way": .text(way.rawValue)],
        by: .named(.user(user.id.raw), user.name))
    return token
}

/// Tells of a code or password that somebody who is signed in gave and that was wrong.
func tellProofRefused(_ user: User, _ visitor: Visitor, in tx: WriteTransaction) throws {
    tx.origin = visitor.origin
    try tx.tell(
        AccessEvent.proofRefused, about: user.id.description,
        ["address": .text(visitor.address)], by: .named(.user(user.id.raw), user.name))
}

/// Throws unless the person proved a moment ago who they are.
func requireFresh(_ session: Session, at now: Instant) throws(AccessRefusal) {
    guard SessionRule.isFresh(session, at: now) else { throw .stepUpNeeded }
}

/// The same for a caller whose session was looked up already.
func requireFresh(_ caller: Caller) throws(AccessRefusal) {
    guard caller.isFresh else { throw .stepUpNeeded }
}

/// The step of a code of a seed, later than the last one that was taken; nil when there is none.
func step(
    of typed: String, _ kept: TotpSeed, _ user: ID<User>, in tx: ReadTransaction
) throws -> Int64? {
    let seed = try tx.fields.open(kept.sealed, for: seedPlace(user))
    return OneTimeCode.step(
        of: typed.filter { !$0.isWhitespace }, seed: seed, at: tx.now.microseconds / 1_000_000,
        after: kept.lastStep)
}

/// Where the seed of a person is kept, for the seal that it has of its own.
func seedPlace(_ user: ID<User>) -> String { "access_totp.seed \(user)" }
