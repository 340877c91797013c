// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
package import SealedStore

/// Makes a seed for somebody's app; it counts once a code from it was given. Returns the seed.
///
/// Somebody who has factors already proves who they are first; somebody who is setting up their
/// first one did so by signing in.
func beginTotp(session token: String, in tx: WriteTransaction) throws -> (User, [UInt8]) {
    let (session, user) = try here(token, in: tx)
    try requireFresh(session, at: tx.now)
    guard !user.factors.contains(.totp) else { throw DoorRefusal.factorTaken }
    let seed = newSeed()
    try tx.setSeed(tx.fields.seal(seed, for: seedPlace(user.id)), of: user.id)
    try tx.tell(
        AccessEvent.factorBegun, about: user.id.description,
        ["factor": .text(Factor.totp.rawValue)], by: .named(.user(user.id.raw), user.name))
    return (user, seed)
}

/// What somebody gets who set up a factor.
struct Enrolled: Sendable {
    /// The session's new token.
    let token: String
    /// Recovery codes, when these are the person's first; shown this once.
    let recoveryCodes: [String]
}

/// Puts a seed into use by a code from it.
func confirmTotp(
    code: String, session token: String, _ visitor: Visitor, store: SealedStore
) throws -> Enrolled {
    let result = try store.write { tx -> Result<Enrolled, DoorRefusal> in
        let (session, user) = try here(token, in: tx)
        try requireFresh(session, at: tx.now)
        guard let kept = try tx.totp(of: user.id), kept.confirmedAt == nil else {
            return .failure(.factorNotBegun)
        }
        let keys = try factorKeys(of: user.id, visitor, in: tx)
        try takeTry(keys, in: tx)
        guard let step = try step(of: code, kept, user.id, in: tx) else {
            return .failure(.codeWrong)
        }
        try giveBack(keys, in: tx)
        try tx.confirmSeed(of: user.id, step: step)
        return .success(try enrol(.totp, user, session, in: tx))
    }
    return try result.get()
}

/// Tells of a new factor, gives the session a new token and the person their first recovery codes.
func enrol(
    _ factor: Factor, _ user: User, _ session: Session, in tx: WriteTransaction
) throws -> Enrolled {
    try tx.tell(
        AccessEvent.factorAdded, about: user.id.description, ["factor": .text(factor.rawValue)],
        by: .named(.user(user.id.raw), user.name))
    let fresh = newToken()
    try tx.renewSession(session.id, token: tokenDigest(fresh))
    let hasCodes = try tx.recoveryCodes(of: user.id) > 0
    return Enrolled(
        token: fresh, recoveryCodes: hasCodes ? [] : try makeRecoveryCodes(of: user, in: tx))
}

func removeTotp(session token: String, in tx: WriteTransaction) throws {
    let (session, user) = try here(token, in: tx)
    try requireFresh(session, at: tx.now)
    guard user.factors.contains(.totp) else { throw DoorRefusal.factorMissing }
    try requireAnother(.totp, of: user, in: tx)
    try tx.deleteSeed(of: user.id)
    try tellRemoved(.totp, user, in: tx)
}

/// A role that asks for a second factor keeps the last one in its place.
func requireAnother(_ factor: Factor, of user: User, in tx: ReadTransaction) throws {
    let isLast = user.strongFactors == [factor]
    guard isLast, try tx.mustHaveFactor(user.id) else { return }
    throw DoorRefusal.factorLast
}

/// Tells that a factor is gone. Without a strong one, recovery codes are good for nothing, and a
/// telephone goes with it: it is only a second way beside another.
func tellRemoved(_ factor: Factor, _ user: User, in tx: WriteTransaction) throws {
    let left = try require(user.id, in: tx)
    if left.strongFactors.isEmpty {
        try tx.deleteRecoveryCodes(of: user.id)
        try tx.deletePhone(of: user.id)
        if left.factors.contains(.sms) { try tellRemoved(.sms, user, in: tx) }
    }
    try tx.tell(
        AccessEvent.factorRemoved, about: user.id.description, ["factor": .text(factor.rawValue)],
        by: .named(.user(user.id.raw), user.name))
}

/// New recovery codes in the place of all old ones; shown this once.
func renewRecoveryCodes(session token: String, in tx: WriteTransaction) throws -> [String] {
    let (session, user) = try here(token, in: tx)
    try requireFresh(session, at: tx.now)
    guard !user.strongFactors.isEmpty else { throw DoorRefusal.factorMissing }
    return try makeRecoveryCodes(of: user, in: tx)
}

private func makeRecoveryCodes(of user: User, in tx: WriteTransaction) throws -> [String] {
    try tx.deleteRecoveryCodes(of: user.id)
    let codes = (0..<RecoveryRule.count).map { _ in newRecoveryCode() }
    for code in codes { try tx.insertRecoveryCode(tokenDigest(code), of: user.id) }
    try tx.tell(
        AccessEvent.recoveryMade, about: user.id.description,
        ["count": .integer(Int64(codes.count))], by: .named(.user(user.id.raw), user.name))
    return codes.map(RecoveryRule.grouped)
}

/// Takes all factors from somebody who lost them, and ends their sessions.
func resetFactors(
    of id: ID<User>, _ table: RoleTable, by caller: Caller, in tx: WriteTransaction
) throws -> User {
    let user = try require(id, in: tx)
    try requireReach(of: caller, over: id, table, in: tx)
    try removeFactors(of: user, in: tx)
    try endTokens(of: user, by: caller, in: tx)
    try tx.deleteSessions(of: id, except: nil)
    try tx.clearThrottle(.factor(id))
    try tx.insertNotice(of: id, .factorsReset, by: caller.name)
    try tx.tell(
        AccessEvent.factorsReset, about: id.description,
        ["factors": .list(user.factors.map(\.rawValue).sorted().map { .text($0) })], by: caller)
    return try require(id, in: tx)
}

func removeFactors(of user: User, in tx: WriteTransaction) throws {
    try tx.deleteSeed(of: user.id)
    try tx.deletePasskeys(of: user.id)
    try tx.deletePhone(of: user.id)
    try tx.deleteRecoveryCodes(of: user.id)
}

/// Seals the seeds of all people under the key of this store; they were sealed under another.
///
/// For the rotation of the key. Returns how many there are.
package func resealSeeds(from old: FieldSealer, in tx: WriteTransaction) throws -> Int {
    let seeds = try tx.seeds()
    for (user, sealed) in seeds {
        let seed = try old.open(sealed, for: seedPlace(user))
        try tx.resealSeed(tx.fields.seal(seed, for: seedPlace(user)), of: user)
    }
    return seeds.count
}

/// The same for the numbers of telephones and for how the gateway is reached.
package func resealMessaging(from old: FieldSealer, in tx: WriteTransaction) throws {
    for (user, sealed) in try tx.phoneNumbers() {
        let number = try old.open(sealed, for: phonePlace(user))
        try tx.resealPhone(tx.fields.seal(number, for: phonePlace(user)), of: user)
    }
    if let kept = try tx.gateway() {
        let form = try old.open(kept.sealed, for: gatewayPlace)
        try tx.resealGateway(tx.fields.seal(form, for: gatewayPlace))
    }
}

/// The same for the keys of devices and for what enrolments wait for.
package func resealDeviceKeys(from old: FieldSealer, in tx: WriteTransaction) throws {
    for (device, sealed) in try tx.deviceKeys() {
        let key = try old.open(sealed, for: keyPlace(device))
        try tx.resealKey(tx.fields.seal(key, for: keyPlace(device)), of: device)
    }
    for (device, sealed) in try tx.enrolmentSecrets() {
        let secret = try old.open(sealed, for: secretPlace(device))
        try tx.resealSecret(tx.fields.seal(secret, for: secretPlace(device)), of: device)
    }
}
