// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

struct BusinessDayTests {
    @Test func `every day from 1970 to 2400 is the next day of the one before`() throws {
        // The walk counts with a table of month lengths, which the code under test does not have.
        let first = try BusinessDay(year: 1970, month: 1, day: 1)
        var expected = (year: 1970, month: 1, day: 1)
        var count: Int64 = 0
        while expected.year <= 2400 {
            let day = try BusinessDay(year: expected.year, month: expected.month, day: expected.day)
            let walked = try first.adding(days: count)
            if walked != day || day.days(since: first) != count {
                Issue.record("\(expected) is not \(walked)")
                return
            }
            if try BusinessDay(day.description) != day { Issue.record("\(day)") }
            count += 1
            expected.day += 1
            if expected.day > length(of: expected.month, in: expected.year) {
                expected.day = 1
                expected.month += 1
            }
            if expected.month > 12 { expected = (expected.year + 1, 1, 1) }
        }
        #expect(count == 157_420)
    }

    @Test(
        arguments: [
            (2026, 2, 29), (2100, 2, 29), (2024, 2, 30), (2026, 4, 31), (2026, 0, 1), (2026, 13, 1),
            (2026, 1, 0), (2026, 1, 32), (10_000, 1, 1), (-1, 1, 1), (Int.max, 1, 1),
            (Int.min, 1, 1),
            (2026, Int.max, 1), (2026, 1, Int.min),
        ] as [(Int, Int, Int)])
    func `a day that no calendar has is refused`(year: Int, month: Int, day: Int) {
        #expect(throws: ArithmeticRefusal.outOfRange) {
            try BusinessDay(year: year, month: month, day: day)
        }
    }

    @Test(arguments: [
        "", "2026-1-23", "2026-11-3", "26-11-23", "2026/11/23", "20261123", " 2026-11-23",
        "2026-11-23 ", "2026-11-23T", "2026-+1-23", "-026-11-23", "２０26-11-23", "2026-11-2x",
        "2026--1-23", "2026-11-2\u{301}3",
    ])
    func `a text that is no day is refused`(text: String) {
        #expect(throws: ArithmeticRefusal.malformed) { try BusinessDay(text) }
    }

    @Test(
        arguments: [
            ("2024-02-28", 1, "2024-02-29"), ("2024-02-29", 1, "2024-03-01"),
            ("2026-02-28", 1, "2026-03-01"), ("2026-12-31", 1, "2027-01-01"),
            ("2027-01-01", -1, "2026-12-31"), ("2000-02-29", 366, "2001-03-01"),
            ("2024-02-29", 1461, "2028-02-29"), ("2026-11-23", 0, "2026-11-23"),
        ] as [(String, Int64, String)])
    func `days are added over leap days and year ends`(
        start: String, days: Int64, end: String
    ) throws {
        #expect(try BusinessDay(start).adding(days: days).description == end)
        #expect(try BusinessDay(end).days(since: try BusinessDay(start)) == days)
    }

    @Test(arguments: [
        Int64.max, Int64.max - 20_780, Int64.max - 800_000, Int64.min, Int64.min + 30_000,
        3_000_000, -800_000,
    ])
    func `a day outside the range is refused, not trapped`(days: Int64) throws {
        let day = try BusinessDay("2026-11-23")
        #expect(throws: ArithmeticRefusal.self) { try day.adding(days: days) }
    }

    @Test func `the first and the last day of the range are reached`() throws {
        let last = try BusinessDay("9999-12-31")
        let first = try BusinessDay("0000-01-01")
        #expect(try first.adding(days: last.days(since: first)) == last)
        #expect(throws: ArithmeticRefusal.outOfRange) { try last.adding(days: 1) }
        #expect(throws: ArithmeticRefusal.outOfRange) { try first.adding(days: -1) }
    }

    @Test func `days sort like their texts`() throws {
        var dice = Dice()
        let first = try BusinessDay("1970-01-01")
        let days = try (0..<500).map { _ in try first.adding(days: dice.number(0...2_000_000)) }
        #expect(days.sorted().map(\.description) == days.map(\.description).sorted(), dice.note)
    }

    private func length(of month: Int, in year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }
}
