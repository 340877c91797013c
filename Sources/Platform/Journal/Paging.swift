// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import SealedStore

/// One page of the journal, and before which entry the next one begins.
package struct JournalPage: Sendable {
    package let entries: [JournalEntry]
    /// Nil when there is nothing further back.
    package let next: Int64?
}

/// Entries that one page looks at when no index leads to what is asked for; beyond it the page is
/// given as far as it came. A third of a second.
private let walkMost: Int64 = 200_000
/// Entries looked at in one statement.
private let walkStep: Int64 = 20_000

extension ReadTransaction {
    /// A page of entries that fit `filter`, newest first. It may be short, even empty, and have a
    /// next one: then nothing more was found within `walkMost` entries.
    package func journalPage(
        _ filter: JournalFilter, kinds: [EventKind], before: Int64?, limit: Int
    ) throws -> JournalPage {
        guard let reach = try journalReach(since: filter.since, until: filter.until) else {
            return JournalPage(entries: [], next: nil)
        }
        let top = min(try journalHead() + 1, min(before ?? .max, reach.upperBound))
        guard top > reach.lowerBound else { return JournalPage(entries: [], next: nil) }
        if filter.address != nil, filter.subject == nil {
            return try walk(filter, kinds, reach.lowerBound..<top, limit)
        }
        let isByKinds = filter.isRefusal == true && filter.kind == nil && filter.actor == nil
        let entries: [JournalEntry]
        if isByKinds, filter.subject == nil {
            entries = try journalOfKinds(
                filter, kinds.filter(\.isRefusal), reach.lowerBound..<top, limit)
        } else {
            let query = journalQuery(
                filter, kinds: kinds, from: reach.lowerBound, before: top, limit: limit)
            entries = try all(query.sql, query.arguments, JournalEntry.init(row:))
        }
        return JournalPage(
            entries: entries, next: entries.count == limit ? entries.last?.seq : nil)
    }

    /// Few kinds, each by its index, merged.
    private func journalOfKinds(
        _ filter: JournalFilter, _ kinds: [EventKind], _ range: Range<Int64>, _ limit: Int
    ) throws -> [JournalEntry] {
        let rows = try kinds.flatMap { kind in
            var narrow = filter
            narrow.kind = kind.name
            let query = journalQuery(
                narrow, kinds: [kind], from: range.lowerBound, before: range.upperBound,
                limit: limit)
            return try all(query.sql, query.arguments, JournalEntry.init(row:))
        }
        return Array(rows.sorted { $0.seq > $1.seq }.prefix(limit))
    }

    private func walk(
        _ filter: JournalFilter, _ kinds: [EventKind], _ range: Range<Int64>, _ limit: Int
    ) throws -> JournalPage {
        var found: [JournalEntry] = []
        var upper = range.upperBound
        let lowest = max(range.lowerBound, range.upperBound - walkMost)
        while upper > lowest, found.count < limit {
            let lower = max(lowest, upper - walkStep)
            let query = journalQuery(
                filter, kinds: kinds, from: lower, before: upper, limit: limit - found.count)
            found += try all(query.sql, query.arguments, JournalEntry.init(row:))
            upper = lower
        }
        if found.count == limit { return JournalPage(entries: found, next: found.last?.seq) }
        return JournalPage(entries: found, next: upper > range.lowerBound ? upper : nil)
    }

    /// Between which entries a stretch of time lies, both hours included; nil when nothing was told
    /// in it. Where the clock was set back the stretch holds more than was asked for.
    func journalReach(since: Instant?, until: Instant?) throws -> Range<Int64>? {
        guard since != nil || until != nil else { return 1..<Int64.max }
        let hours: [any SQLBindable] = [
            since.map(journalHour) ?? Int64.min, until.map(journalHour) ?? Int64.max,
        ]
        guard
            let first = try integer(
                "SELECT min(first_seq) FROM journal_hour WHERE hour BETWEEN ? AND ?", hours),
            let last = try integer(
                "SELECT max(first_seq) FROM journal_hour WHERE hour BETWEEN ? AND ?", hours)
        else { return nil }
        let end = try integer("SELECT min(first_seq) FROM journal_hour WHERE first_seq > ?", [last])
        return first..<(end ?? Int64.max)
    }

    /// The entry before the first that can be as young as `since`; everything younger comes after it.
    package func journalSeq(before since: Instant) throws -> Int64 {
        guard let reach = try journalReach(since: since, until: nil) else {
            return try journalHead()
        }
        return reach.lowerBound - 1
    }

    /// How often each actor told something of `kinds` since `since`, by actor. For kinds that are
    /// not frequent.
    ///
    /// - Parameter route: a part of routes whose entries do not count.
    package func journalCounts(
        of kinds: [EventKind], since: Instant, except route: String
    ) throws -> [String: Int64] {
        guard let reach = try journalReach(since: since, until: nil) else { return [:] }
        var counts: [String: Int64] = [:]
        for kind in kinds where !kind.isFrequent {
            try each(
                """
                SELECT actor, count(*) FROM journal_event
                WHERE kind = ? AND frequent = 0 AND seq >= ? AND at_us >= ?
                    AND origin NOT IN (
                        SELECT id FROM journal_origin WHERE instr(route, ?) > 0)
                GROUP BY actor
                """, [kind.name, reach.lowerBound, since, route]
            ) { counts[$0.text(0), default: 0] += $0.int64(1) }
        }
        return counts
    }
}
