// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import SealedStore

extension WriteTransaction {
    /// Writes down what happened, in the transaction that made it happen.
    ///
    /// The commit refuses a change that told nothing, so every use case ends with this call.
    /// - Parameters:
    ///   - kind: an event kind of the calling room.
    ///   - subject: id text of what it is about, `itm-1`.
    ///   - facts: what a later reader must know, old and new values for edits. No secrets.
    /// - Returns: the entry's number in the chain.
    @discardableResult
    package func tell(
        _ kind: EventKind, about subject: String, _ facts: [String: Fact], by caller: Caller
    ) throws -> Int64 {
        let last = try journalMark()
        let seq = (last?.seq ?? 0) + 1
        let origin = caller.origin ?? self.origin
        let actor = caller.actor.description
        let bytes = Fact.record(facts).canonicalJSON
        let hash = Chain.link(
            after: last?.hash ?? Chain.start, seq: seq, at: now, kind: kind.name, actor: actor,
            actorName: caller.name, subject: subject, facts: bytes, origin: origin,
            key: try chainKey(for: seq))
        try runUntold(
            """
            INSERT INTO journal_event
                (seq, at_us, kind, actor, actor_name, subject, facts, frequent, hash, origin)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                seq, now, kind.name, actor, caller.name, subject,
                String(decoding: bytes, as: UTF8.self), kind.isFrequent, hash,
                try origin.map(number(of:)) ?? 0,
            ])
        try noteHour(of: seq)
        remember(lastMark, 0, JournalMark(seq: seq, hash: hash))
        markTold()
        return seq
    }

    /// The number of an origin, given with its first entry.
    private func number(of origin: Origin) throws -> Int64 {
        let texts: [any SQLBindable] = [origin.address, origin.credential, origin.route]
        let known = try remembered(originNumbers, origin) {
            try integer(
                """
                SELECT id FROM journal_origin WHERE address = ? AND credential = ? AND route = ?
                """, texts)
        }
        if let known { return known }
        let number = (try integer("SELECT max(id) FROM journal_origin") ?? 0) + 1
        try runUntold(
            "INSERT INTO journal_origin (id, address, credential, route) VALUES (?, ?, ?, ?)",
            [number as any SQLBindable] + texts)
        remember(originNumbers, origin, number)
        return number
    }

    /// Notes where an hour begins; the clock may have been set back, so an hour may begin twice.
    private func noteHour(of seq: Int64) throws {
        let hour = journalHour(of: now)
        let newest = try remembered(newestHour, 0) {
            try integer("SELECT hour FROM journal_hour ORDER BY first_seq DESC LIMIT 1")
        }
        guard newest != hour else { return }
        try runUntold(
            "INSERT INTO journal_hour (first_seq, hour) VALUES (?, ?)", [seq, hour])
        remember(newestHour, 0, hour)
    }
}

/// Hours since 1970, as SQLite divides: towards zero.
func journalHour(of instant: Instant) -> Int64 { instant.microseconds / 3_600_000_000 }

private let originNumbers = Memo<Origin, Int64>(of: "journal_origin", outlivesInserts: true)
private let newestHour = Memo<Int, Int64>(of: "journal_hour", outlivesInserts: true)
