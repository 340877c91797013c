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

    private struct Known {
        let caller: Caller
        let until: Instant
    }

    package init(
        store: SealedStore, roles: RoleTable, clock: @escaping @Sendable () -> Instant
    ) {
        self.store = store
        self.roles = roles
        self.clock = clock
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
            let seen = device.lastSeenAt?.microseconds ?? 0
            if tx.now.microseconds - seen > SessionRule.touchSeconds * 1_000_000 {
                store.submit({ try $0.touchDevice(device.id) }, then: { _ in })
            }
            return Caller(
                actor: .device(device.id.raw), name: device.name, permissions: roles.device,
                scope: device.warehouse.map { .warehouses([$0]) } ?? .everything,
                language: .zhCN)
        }
    }

    private func remember(
        _ digest: [UInt8], _ find: ([UInt8], ReadTransaction) throws -> Caller?
    ) throws -> Caller? {
        let now = clock()
        let isCalm = !roles.takenBack.isRecent(at: now)
        if isCalm, let found = known.withLock({ $0[digest] }), found.until > now {
            return found.caller
        }
        guard let caller = try store.read({ try find(digest, $0) }) else {
            known.withLock { $0[digest] = nil }
            return nil
        }
        guard isCalm else { return caller }
        let until = Instant(microseconds: now.microseconds + Self.trust)
        known.withLock {
            if $0.count >= Self.remembered { $0.removeAll(keepingCapacity: true) }
            $0[digest] = Known(caller: caller, until: until)
        }
        return caller
    }
}
