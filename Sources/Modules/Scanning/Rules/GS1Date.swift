// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// Dates as six digits YYMMDD, without a century.
enum GS1Date {
    /// The day that `digits` mean for a reader who lives on `today`.
    ///
    /// The century is chosen so that the year lies at most 49 years back to 50 years ahead.
    /// Day 00 stands for the last day of the month where the identifier allows it. Nil when
    /// no such day exists.
    ///
    /// Source: GS1 General Specifications, section 7.12 (century) and 3.4.2 (day 00).
    static func day(
        _ digits: some RandomAccessCollection<UInt8>, today: BusinessDay, allowsMonthEnd: Bool
    ) -> BusinessDay? {
        guard digits.count == 6, let number = digits.asNumber else { return nil }
        let year = fullYear(Int(number / 10_000), today: today)
        let month = Int(number / 100 % 100)
        let day = Int(number % 100)
        guard (1...12).contains(month) else { return nil }
        let last = lengthOfMonth(month, year: year)
        if day == 0 {
            return allowsMonthEnd ? businessDay(year, month, last) : nil
        }
        return day <= last ? businessDay(year, month, day) : nil
    }

    /// The four-digit year of two digits.
    static func fullYear(_ short: Int, today: BusinessDay) -> Int {
        let century = today.year - today.year % 100
        let distance = short - today.year % 100
        if distance >= 51 { return century - 100 + short }
        if distance <= -50 { return century + 100 + short }
        return century + short
    }

    private static func lengthOfMonth(_ month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func businessDay(_ year: Int, _ month: Int, _ day: Int) -> BusinessDay? {
        try? BusinessDay(year: year, month: month, day: day)
    }
}
