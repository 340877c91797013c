// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import SealedStore
import Secrets

/// One place in the journal's chain. Whoever keeps it can tell later whether the journal still goes
/// through it, or has been put back and has gone on another way.
package struct JournalMark: Sendable, Equatable {
    package let seq: Int64
    /// BLAKE2b-256 of the chain up to this entry.
    package let hash: [UInt8]

    /// The hash in hexadecimal.
    package var text: String { Digest.hex(hash) }
}

extension ReadTransaction {
    /// The last entry's place; nil in an empty journal.
    package func journalMark() throws -> JournalMark? {
        try remembered(lastMark, 0) {
            try first("SELECT seq, hash FROM journal_event ORDER BY seq DESC LIMIT 1", []) {
                JournalMark(seq: $0.int64(0), hash: $0.bytes(1))
            }
        }
    }

    /// The place of an entry; nil when the journal does not reach it.
    package func journalMark(at seq: Int64) throws -> JournalMark? {
        try first("SELECT seq, hash FROM journal_event WHERE seq = ?", [seq]) {
            JournalMark(seq: $0.int64(0), hash: $0.bytes(1))
        }
    }
}

/// The last entry, which the next one follows.
let lastMark = Memo<Int, JournalMark>(of: "journal_event", outlivesInserts: true)
