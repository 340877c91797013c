// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import Secrets

/// The link between an entry and the one before it.
enum Chain {
    /// What the first entry follows.
    static let start = [UInt8](repeating: 0, count: Digest.length)

    /// The hash of an entry: BLAKE2b over the hash before and every field, each with its length,
    /// so that no two entries have the same bytes.
    ///
    /// - Parameters:
    ///   - origin: nil for an entry that has none.
    ///   - key: nil for entries from before the chain had a key.
    static func link(
        after previous: [UInt8], seq: Int64, at: Instant, kind: String, actor: String,
        actorName: String, subject: String, facts: [UInt8], origin: Origin? = nil,
        key: ChainKey? = nil
    ) -> [UInt8] {
        var bytes = previous
        bytes.reserveCapacity(previous.count + facts.count + 160)
        append(seq, to: &bytes)
        append(at.microseconds, to: &bytes)
        for text in [kind, actor, actorName, subject] {
            append(Int64(text.utf8.count), to: &bytes)
            bytes.append(contentsOf: text.utf8)
        }
        append(Int64(facts.count), to: &bytes)
        bytes.append(contentsOf: facts)
        if let origin {
            for text in [origin.address, origin.credential, origin.route] {
                append(Int64(text.utf8.count), to: &bytes)
                bytes.append(contentsOf: text.utf8)
            }
        }
        guard let key else { return Digest.blake2b(bytes) }
        return key.hash(bytes)
    }

    private static func append(_ number: Int64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
