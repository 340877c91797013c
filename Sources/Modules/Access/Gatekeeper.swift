// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import SealedStore
import Secrets
import Synchronization

/// Tells who sends a request. The only place where a credential is read.
///
/// A credential that was good is remembered for a second, so that a scanner at work costs no
/// look-up each time. Whenever rights are taken back, everybody is looked up anew.
package final class Gatekeeper: Sendable {
    /// How long a look-up is trusted, in microseconds.
    static let trust: Int64 = 1_000_000
    /// Credentials remembered; beyond it all are forgotten and looked up again.
    static let remembered = 1024

    private let store: SealedStore
    private let clock: @Sendable () -> Instant
    let roles: RoleTable
    private let known = Mutex<[[UInt8]: Known]>([:])
    private let signers = Mutex<[ID<Device>: Signer]>([:])
    /// When this keeper began its work, in seconds.
    private let opened: Int64

    private struct Known {
        var caller: Caller
        let until: Instant
        /// From where the credential is good; empty for anywhere.
        var addresses: [AddressBlock] = []
    }

    /// A device that signs. Of as many as the books have there is one each.
    private struct Signer {
        let device: Device
        let sealed: [UInt8]
        let key: [UInt8]
        var window: SequenceWindow
        let until: Instant
    }

    package init(
        store: SealedStore, roles: RoleTable, clock: @escaping @Sendable () -> Instant
    ) {
        self.store = store
        self.roles = roles
        self.clock = clock
        opened = clock().microseconds / 1_000_000
        store.onCommit { roles.takenBack.settle(at: clock()) }
    }

    /// Who holds the session of this cookie; nil when nobody does (any more).
    ///
    /// - Parameter isUse: whether this counts as a use of the session, which keeps it alive.
    package func person(session token: String, isUse: Bool = true) throws -> Caller? {
        try remember(tokenDigest(token)) { digest, tx in
            guard let session = try tx.session(token: digest),
                SessionRule.isAlive(session, at: tx.now),
                let user = try tx.user(session.user), user.state == .active
            else { return nil }
            let age = tx.now.microseconds - session.seenAt.microseconds
            if isUse, age > SessionRule.touchSeconds * 1_000_000 {
                // A lost touch only shortens the session by a minute.
                store.submit({ try $0.touchSession(token: digest) }, then: { _ in })
            }
            let standing = standing(of: user, mustHaveFactor: try tx.mustHaveFactor(user.id))
            let (held, viewing) = try allowances(
                of: user.id, through: session.id, roles, in: tx)
            // Whoever is still on the threshold may do nothing, whatever else is asked.
            let rights = standing == .full ? held : [:]
            return Caller(
                actor: .user(user.id.raw), name: user.name,
                permissions: Set(rights.keys), scope: .nothing, language: user.language,
                standing: standing, isFresh: SessionRule.isFresh(session, at: tx.now),
                session: session.id.raw, allowances: rights, isViewing: viewing != nil)
        }
    }

    /// Which device holds this token; nil when none does.
    package func device(token: String) throws -> Caller? {
        try remember(tokenDigest(token)) { digest, tx in
            guard let device = try tx.device(token: digest), device.state == .active else {
                return nil
            }
            touch(device, at: tx.now)
            return caller(device)
        }
    }

    /// Whose program holds this API token; nil when none does.
    ///
    /// - Parameter address: where the request comes from.
    func program(token: String, from address: String) throws -> Caller? {
        guard TokenText.isOne(token) else { return nil }
        let found = try recall(tokenDigest(token)) { digest, tx -> Known? in
            guard let token = try tx.apiToken(digest: digest), token.expiresAt > tx.now,
                let user = try tx.user(token.user), user.state == .active
            else { return nil }
            let used = token.usedAt?.microseconds ?? 0
            if tx.now.microseconds - used > SessionRule.touchSeconds * 1_000_000 {
                store.submit({ try $0.touchAPIToken(token.id) }, then: { _ in })
            }
            let standing = standing(of: user, mustHaveFactor: try tx.mustHaveFactor(user.id))
            let person = standing == .full ? try allowances(of: user.id, roles, in: tx) : [:]
            let held = TokenRule.allowances(token.grant, of: person)
            let caller = Caller(
                actor: .user(user.id.raw), name: user.name, permissions: Set(held.keys),
                scope: .nothing, language: user.language, standing: standing, isFresh: false,
                allowances: held, isToken: true)
            return Known(
                caller: caller, until: tx.now,
                addresses: token.grant.addresses.compactMap(AddressBlock.init))
        }
        guard let found else { return nil }
        guard found.addresses.isEmpty || found.addresses.contains(where: { $0.contains(address) })
        else { throw DeviceRefusal.tokenPlace }
        return found.caller
    }

    /// Which device signed a request, and what of it is to be told of the answer.
    ///
    /// - Parameters:
    ///   - message: what the signature is over.
    ///   - isUse: whether the sequence number is used up.
    ///   - proven: told the device's key as soon as the signature is right, whatever follows.
    func device(
        signed mark: SignatureMark, _ message: String, isUse: Bool,
        proven: (_ key: [UInt8]) -> Void
    ) throws -> Caller {
        let count = roles.takenBack.count
        guard let signer = try signer(mark.device) else { throw DeviceRefusal.signatureWrong }
        let expected = Digest.hex(HMAC.sha256(Array(message.utf8), key: signer.key))
        guard equalInConstantTime(Array(expected.utf8), Array(mark.mac.utf8)) else {
            throw DeviceRefusal.signatureWrong
        }
        proven(signer.key)
        guard signer.device.state == .active else { throw DeviceRefusal.revoked }
        let now = clock()
        let seconds = now.microseconds / 1_000_000
        guard ClockRule.allows(mark.seconds, at: seconds, opened: opened) else {
            throw DeviceRefusal.clockOff(time: seconds)
        }
        guard isUse else { return caller(signer.device) }
        let next: Int64? = signers.withLock {
            $0[mark.device]?.window.take(mark.sequence) == true
                ? nil : ($0[mark.device]?.window.high ?? 0) + 1
        }
        if let next { throw DeviceRefusal.sequenceUsed(next: next) }
        touch(signer.device, at: now)
        var caller = caller(signer.device, sequence: mark.sequence)
        caller.lookedUpAt = count
        return caller
    }

    /// What every change begins with, in its transaction: the number of a signed request is used up,
    /// and whoever was looked up before rights were last taken back is looked at again.
    package func admit(_ caller: Caller, in tx: WriteTransaction) throws {
        try takeSequence(of: caller, in: tx)
        guard let count = caller.lookedUpAt, count != roles.takenBack.count else { return }
        try requireStill(caller, roles, in: tx)
    }

    /// Whether somebody's rights began or ended by themselves after an instant, and the time until
    /// which that is known. When they did, everybody is looked up anew.
    package func hasTurned(since then: Instant) throws -> (now: Instant, hasTurned: Bool) {
        let (now, hasTurned) = try store.read { ($0.now, try $0.hasTurned(since: then)) }
        if hasTurned { roles.takenBack.pass(at: now) }
        return (now, hasTurned)
    }

    private func signer(_ id: ID<Device>) throws -> Signer? {
        let now = clock()
        let isCalm = !roles.takenBack.isRecent(at: now)
        if isCalm, let found = signers.withLock({ $0[id] }), found.until > now { return found }
        let read = try store.read { tx -> Signer? in
            guard let device = try tx.device(id), let sealed = try tx.deviceKey(id) else {
                return nil
            }
            return Signer(
                device: device, sealed: sealed,
                key: try tx.fields.open(sealed, for: keyPlace(id)),
                window: try tx.sequences(of: id),
                until: Instant(microseconds: now.microseconds + (isCalm ? Self.trust : 0)))
        }
        return signers.withLock {
            // Numbers that were used since the last commit are known here only.
            if var read, let known = $0[id], known.sealed == read.sealed {
                read.window = known.window
                $0[id] = read
                return read
            }
            $0[id] = read
            return read
        }
    }

    private func touch(_ device: Device, at now: Instant) {
        let seen = device.lastSeenAt?.microseconds ?? 0
        guard now.microseconds - seen > SessionRule.touchSeconds * 1_000_000 else { return }
        store.submit({ try $0.touchDevice(device.id) }, then: { _ in })
    }

    private func caller(_ device: Device, sequence: Int64? = nil) -> Caller {
        Caller(
            actor: .device(device.id.raw), name: device.name, permissions: roles.device,
            scope: scope(of: device), language: .zhCN, sequence: sequence)
    }

    private func remember(
        _ digest: [UInt8], _ find: ([UInt8], ReadTransaction) throws -> Caller?
    ) throws -> Caller? {
        try recall(digest) { digest, tx in
            try find(digest, tx).map { Known(caller: $0, until: tx.now) }
        }?.caller
    }

    private func recall(
        _ digest: [UInt8], _ find: ([UInt8], ReadTransaction) throws -> Known?
    ) throws -> Known? {
        let now = clock()
        let isCalm = !roles.takenBack.isRecent(at: now)
        if isCalm, let found = known.withLock({ $0[digest] }), found.until > now { return found }
        // Before the look: what is taken during it is then seen to be later.
        let count = roles.takenBack.count
        guard var found = try store.read({ try find(digest, $0) }) else {
            known.withLock { $0[digest] = nil }
            return nil
        }
        found.caller.lookedUpAt = count
        guard isCalm else { return found }
        let until = Instant(microseconds: now.microseconds + Self.trust)
        known.withLock {
            if $0.count >= Self.remembered { $0.removeAll(keepingCapacity: true) }
            $0[digest] = Known(caller: found.caller, until: until, addresses: found.addresses)
        }
        return found
    }
}
