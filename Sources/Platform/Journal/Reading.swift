// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
package import SealedStore

extension ReadTransaction {
    /// Entries of one of `kinds` after `seq`, oldest first, at most `limit`.
    ///
    /// Each kind is read by its index, a frequent one by a walk that meets little else, and the few rows are merged here: one statement over several
    /// kinds would sort all that a listener has not heard yet for each page of it.
    package func journal(
        after seq: Int64, kinds: [EventKind], limit: Int
    ) throws -> [JournalEntry] {
        let rows = try kinds.flatMap { kind in
            try all(
                """
                SELECT \(entryColumns) FROM \(entryTables)
                WHERE \(isOf(kind)) AND seq > ? ORDER BY seq LIMIT ?
                """, [kind.name, seq, limit], JournalEntry.init(row:))
        }
        return Array(rows.sorted { $0.seq < $1.seq }.prefix(limit))
    }

    /// All entries after `seq`, oldest first, at most `limit`: what a returning live stream missed.
    package func journal(after seq: Int64, limit: Int) throws -> [JournalEntry] {
        try all(
            "SELECT \(entryColumns) FROM \(entryTables) WHERE seq > ? ORDER BY seq LIMIT ?",
            [seq, limit], JournalEntry.init(row:))
    }

    /// Entries that fit `filter` and whose kind is one of `kinds` (what the caller may see), newest
    /// first, before the entry `before`.
    package func journal(
        _ filter: JournalFilter, kinds: [EventKind], before: Int64?, limit: Int
    ) throws -> [JournalEntry] {
        guard let reach = try journalReach(since: filter.since, until: filter.until) else {
            return []
        }
        let upper = min(before ?? .max, reach.upperBound)
        let query = journalQuery(
            filter, kinds: kinds, from: reach.lowerBound, before: upper, limit: limit)
        return try all(query.sql, query.arguments, JournalEntry.init(row:))
    }

    /// The number of the last entry, 0 in an empty journal.
    package func journalHead() throws -> Int64 {
        try integer("SELECT max(seq) FROM journal_event", []) ?? 0
    }

    /// How far `reader` has read, 0 when it never did.
    package func journalCursor(of reader: String) throws -> Int64 {
        try integer("SELECT seq FROM journal_cursor WHERE reader = ?", [reader]) ?? 0
    }
}

extension WriteTransaction {
    /// Remembers that `reader` has dealt with everything up to `seq`, with the work itself.
    package func moveJournalCursor(of reader: String, to seq: Int64) throws {
        try runUntold(
            """
            INSERT INTO journal_cursor (reader, seq) VALUES (?, ?)
            ON CONFLICT (reader) DO UPDATE SET seq = excluded.seq
            """,
            [reader, seq])
    }
}

/// The statement of a page of the journal, newest first.
func journalQuery(
    _ filter: JournalFilter, kinds: [EventKind], from first: Int64 = 0, before: Int64?, limit: Int
) -> (sql: String, arguments: [any SQLBindable]) {
    var conditions = ["seq >= ? AND seq < ?"]
    var arguments: [any SQLBindable] = [first, before ?? Int64.max]
    let kinds = kinds.filter { filter.isRefusal == nil || filter.isRefusal == $0.isRefusal }
    // The leading column of an index, when there is one to lead; the sequence orders the rest.
    if let subject = filter.subject {
        conditions.append("subject = ?")
        arguments.append(subject)
    }
    if let actor = filter.actor {
        conditions.append("actor = ?")
        arguments.append(actor)
    }
    if let name = filter.kind {
        // A kind that the caller may not see has no entries for it, and none are looked for.
        guard let kind = kinds.first(where: { $0.name == name }) else {
            return ("SELECT \(entryColumns) FROM \(entryTables) WHERE 0", [])
        }
        conditions.append(isOf(kind))
        arguments.append(name)
    }
    if let since = filter.since {
        conditions.append("at_us >= ?")
        arguments.append(since)
    }
    if let until = filter.until {
        conditions.append("at_us < ?")
        arguments.append(until)
    }
    if let address = filter.address {
        // There is no index of origins: each would be one more write of each scan.
        conditions.append("+origin IN (SELECT id FROM journal_origin WHERE address = ?)")
        arguments.append(address)
    }
    // The unary plus keeps the planner from sorting all events of many kinds.
    conditions.append("+kind IN (\(kinds.map { _ in "?" }.joined(separator: ",")))")
    arguments += kinds.map(\.name)
    return (
        """
        SELECT \(entryColumns) FROM \(entryTables)
        WHERE \(conditions.joined(separator: " AND ")) ORDER BY seq DESC LIMIT ?
        """, arguments + [limit]
    )
}

/// The condition for a kind, in the words that its index asks for.
func isOf(_ kind: EventKind) -> String {
    "kind = ? AND frequent = \(kind.isFrequent ? 1 : 0)"
}

/// The columns that `JournalEntry.init(row:)` reads, in its order.
let entryColumns = """
    seq, at_us, kind, actor, actor_name, subject, facts, hash, origin, address, credential, route
    """
/// An entry and what it was asked from.
let entryTables = "journal_event LEFT JOIN journal_origin ON id = origin"

extension JournalEntry {
    init(row: Row) {
        self.init(
            seq: row.int64(0), at: Instant(microseconds: row.int64(1)), kind: row.text(2),
            actor: row.text(3), actorName: row.text(4), subject: row.text(5), facts: row.text(6),
            origin: row.int64(8) == 0
                ? nil
                : Origin(
                    address: row.textOrNil(9) ?? "", credential: row.textOrNil(10) ?? "",
                    route: row.textOrNil(11) ?? ""),
            hash: row.bytes(7))
    }
}
