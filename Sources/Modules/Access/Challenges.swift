// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Secrets
import Synchronization

/// What a passkey is asked to sign, each good for one answer.
///
/// A challenge carries its end and a tag made with a key of this process, so that asking for one
/// leaves nothing behind and strangers can fill nothing. Only those that were answered well are
/// remembered, until they end by themselves. A restart makes all of them void.
final class Challenges: Sendable {
    /// How long a person has to touch their key.
    static let seconds: Int64 = 5 * 60
    /// Answered ones that are remembered; beyond it nobody signs in with a passkey for a while.
    static let most = 10_000

    private let key = Random.bytes(32)
    private let spent = Mutex<[[UInt8]: Instant]>([:])

    /// A challenge for one purpose: nonce 16 · end 8 · tag 32.
    func make(for purpose: String, at now: Instant) throws -> [UInt8] {
        let end = try now.adding(seconds: Self.seconds).microseconds
        let body = Random.bytes(16) + withUnsafeBytes(of: end.bigEndian) { Array($0) }
        return body + tag(body, purpose)
    }

    /// Whether it was made here for that purpose and has not ended.
    func isGood(_ challenge: [UInt8], for purpose: String, at now: Instant) -> Bool {
        guard challenge.count == 56 else { return false }
        let body = Array(challenge.prefix(24))
        guard equalInConstantTime(Array(challenge.suffix(32)), tag(body, purpose)) else {
            return false
        }
        return end(of: challenge) > now
    }

    /// Uses a good challenge up; false when it was used already, or when too many were.
    func spend(_ challenge: [UInt8], at now: Instant) -> Bool {
        let end = end(of: challenge)
        return spent.withLock { spent in
            if spent.count >= Self.most { spent = spent.filter { $0.value > now } }
            guard spent.count < Self.most, spent[challenge] == nil else { return false }
            spent[challenge] = end
            return true
        }
    }

    private func end(of challenge: [UInt8]) -> Instant {
        let value = challenge[16..<24].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Instant(microseconds: Int64(bitPattern: value))
    }

    private func tag(_ body: [UInt8], _ purpose: String) -> [UInt8] {
        Digest.blake2b(body + Array(purpose.utf8), key: key)
    }
}
