// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation

/// A day of business at the site: a date without a time, `2026-11-23`.
package struct BusinessDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 0000-01-01…9999-12-31 in days since 1970.
    private static let range: ClosedRange<Int64> = -719_528...2_932_896

    let date: CivilDate

    package var year: Int { Int(date.year) }
    package var month: Int { Int(date.month) }
    package var day: Int { Int(date.day) }

    init(_ date: CivilDate) { self.date = date }

    /// Refuses a day that no calendar has.
    package init(year: Int, month: Int, day: Int) throws(ArithmeticRefusal) {
        let date = CivilDate(year: Int64(year), month: Int64(month), day: Int64(day))
        guard date.isValid else { throw .outOfRange }
        self.date = date
    }

    /// Reads `2026-11-23`.
    package init(_ text: String) throws(ArithmeticRefusal) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 10, parts.count == 3, parts[0].utf8.count == 4,
            parts[1].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { throw .malformed }
        try self.init(year: year, month: month, day: day)
    }

    /// The day so many days later, or earlier; refuses one outside the years 0…9999.
    package func adding(days: Int64) throws(ArithmeticRefusal) -> BusinessDay {
        let number = try sum(date.daysSince1970, days)
        // Before the calendar is asked, because its arithmetic has no room at the ends of Int64.
        guard Self.range.contains(number) else { throw .outOfRange }
        return BusinessDay(CivilDate(daysSince1970: number))
    }

    /// Days from `other` to this day.
    package func days(since other: BusinessDay) -> Int64 {
        date.daysSince1970 - other.date.daysSince1970
    }

    package var description: String { date.description }

    package static func < (a: BusinessDay, b: BusinessDay) -> Bool {
        a.date.daysSince1970 < b.date.daysSince1970
    }
}

/// The time zone of a site: tells on which business day an instant falls.
package struct SiteZone: Hashable, Sendable {
    package let identifier: String
    private let zone: TimeZone

    /// Refuses an identifier that the system's time zone data does not know.
    package init(identifier: String) throws(TimeRefusal) {
        // Foundation reads the name as a C string, so it would take one with more behind a zero.
        guard identifier.utf8.count <= Limit.codeLength,
            identifier.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let zone = TimeZone(identifier: identifier)
        else { throw .zoneUnknown(identifier) }
        self.identifier = identifier
        self.zone = zone
    }

    /// Greenwich, where a day begins as long as nobody has said otherwise.
    package static let utc = SiteZone(.gmt)

    private init(_ zone: TimeZone) {
        identifier = "UTC"
        self.zone = zone
    }

    package func day(of instant: Instant) -> BusinessDay {
        let seconds = instant.microseconds.flooredDivision(by: 1_000_000)
        return BusinessDay(
            CivilDate(
                daysSince1970: (seconds + offset(at: seconds)).flooredDivision(by: 86_400)))
    }

    /// The first instant of a business day, also where the clock jumps over midnight. A day that
    /// the zone left out (Samoa, 30 December 2011) is empty and begins where the next one does.
    package func start(of day: BusinessDay) -> Instant {
        let midnight = day.date.daysSince1970 * 86_400
        // The offset of the day before and of the day after bracket the one at midnight; the
        // earliest instant that falls on the day is its start.
        let before = midnight - offset(at: midnight - 86_400)
        let after = midnight - offset(at: midnight + 86_400)
        let (earlier, later) = (instant(at: min(before, after)), instant(at: max(before, after)))
        return self.day(of: earlier) == day ? earlier : later
    }

    /// The instant of a second, or the first or last instant there is.
    private func instant(at seconds: Int64) -> Instant {
        Instant(microseconds: Int64(clamping: Int128(seconds) * 1_000_000))
    }

    private func offset(at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds))))
    }
}

/// Why a time cannot be told.
package enum TimeRefusal: Refusal, Equatable {
    case zoneUnknown(String)

    package static let catalogue: [RefusalCode] = [RefusalCode("time.zone_unknown", .invalid)]

    package var code: String { "time.zone_unknown" }

    package var parameters: [String: Fact] {
        switch self {
        case .zoneUnknown(let identifier): ["zone": .text(identifier)]
        }
    }

    package var pointers: [Pointer] { [Pointer(path: "/timeZone", code: code)] }
}
