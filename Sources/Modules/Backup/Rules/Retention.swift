// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// What is kept for how long: everything for a day, then the last snapshot of each of 7 days, 5
/// weeks and 12 months. Pure: it sees only times and numbers.
enum Retention {
    static let hours: Int64 = 24
    static let days = 7
    static let weeks = 5
    static let months = 12
    /// Days after which nothing is kept any more.
    static let daysOfAll: Int64 = 366

    /// A snapshot as retention sees it.
    struct Copy: Sendable, Equatable {
        let name: String
        let chain: String
        /// First and last segment that make it whole.
        let first: Int64
        let last: Int64
        let ended: Instant
        /// Whether the segments that make it whole are there.
        let isWhole: Bool
    }

    /// Captured commits as retention sees them.
    struct Run: Sendable, Equatable {
        let name: String
        let chain: String
        let first: Int64
        let last: Int64
        let until: Instant
    }

    /// Names of what may go.
    ///
    /// - Parameter copies: the oldest first. Which of two is newer is told by their order and never
    ///   by the clock, which may have been ahead; one from the future stays until the time is there.
    static func removable(
        _ copies: [Copy], _ runs: [Run], now: Instant, day: (Instant) -> BusinessDay
    ) -> Set<String> {
        let whole = copies.filter(\.isWhole)
        // Without a whole snapshot nothing goes: what is there may be all there is.
        guard let newest = whole.last, let end = copies.lastIndex(where: \.isWhole) else {
            return []
        }
        let edge = now.microseconds - hours * 3_600_000_000
        // The last snapshot before the day begins is where the day's first commits start from.
        let base = whole.last { $0.ended.microseconds <= edge } ?? whole.first ?? newest
        var kept: Set<String> = [newest.name, base.name]
        for copy in copies where copy.ended.microseconds > edge { kept.insert(copy.name) }
        keepNewest(of: whole, periods: days, &kept) { day($0.ended).description }
        keepNewest(of: whole, periods: weeks, &kept) { weekName(day($0.ended)) }
        keepNewest(of: whole, periods: months, &kept) {
            String(day($0.ended).description.prefix(7))
        }
        let goingCopies = copies[..<end].filter { !kept.contains($0.name) }
        let going = Set(goingCopies.map(\.name))
        let held = copies.filter { !going.contains($0.name) }
        // Every commit from here on is kept: of the newest state, and of the whole day.
        let starts = [base, newest]
        // The chain that goes on now may wait for its first snapshot.
        let current = whole.contains { $0.chain == runs.last?.chain } ? nil : runs.last?.chain
        let goingRuns = runs.filter { run in
            let isOfTheDay =
                run.until.microseconds > edge || run.chain == current
                || starts.contains { $0.chain == run.chain && run.last >= $0.first }
            let isPart = held.contains {
                $0.chain == run.chain && run.first <= $0.last && run.last >= $0.first
            }
            return !isOfTheDay && !isPart
        }
        return Set(goingCopies.map(\.name) + goingRuns.map(\.name))
    }

    private static func keepNewest(
        of copies: [Copy], periods: Int, _ kept: inout Set<String>, name: (Copy) -> String
    ) {
        var seen: Set<String> = []
        for copy in copies.reversed() {
            guard seen.count < periods || seen.contains(name(copy)) else { return }
            if seen.insert(name(copy)).inserted { kept.insert(copy.name) }
        }
    }

    /// Weeks begin on Monday; they are told apart by their number since a fixed Monday.
    private static func weekName(_ day: BusinessDay) -> String {
        guard let monday = try? BusinessDay(year: 2001, month: 1, day: 1) else { return "" }
        let days = day.days(since: monday)
        return "\((days - ((days % 7) + 7) % 7) / 7)"
    }
}
