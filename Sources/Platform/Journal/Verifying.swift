// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
package import SealedStore

/// What a walk over the chain found.
package struct JournalVerdict: Sendable, Equatable {
    /// Entries walked over.
    package let entries: Int64
    /// The first entry that does not follow from the one before; nil when the chain holds.
    package let broken: Int64?
}

extension ReadTransaction {
    /// Recomputes the whole chain and names the first entry that does not fit.
    package func verifyJournal() throws -> JournalVerdict {
        var previous = Chain.start
        var expected: Int64 = 1
        var broken: Int64?
        try each(
            """
            SELECT seq, at_us, kind, actor, actor_name, subject, facts, hash
            FROM journal_event ORDER BY seq
            """, []
        ) { row in
            guard broken == nil else { return }
            let facts = row.text(6)
            let hash = Chain.link(
                after: previous, seq: row.int64(0), at: Instant(microseconds: row.int64(1)),
                kind: row.text(2), actor: row.text(3), actorName: row.text(4),
                subject: row.text(5), facts: Array(facts.utf8))
            previous = row.bytes(7)
            if row.int64(0) != expected || hash != previous { broken = row.int64(0) }
            expected += 1
        }
        return JournalVerdict(entries: expected - 1, broken: broken)
    }
}
