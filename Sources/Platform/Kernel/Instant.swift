// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A point in time, in microseconds since 1970-01-01T00:00:00Z. Leap seconds do not exist here,
/// as in POSIX.
package struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 9999-12-31T23:59:59Z, the last second that RFC 3339 can write.
    private static let lastSecond: Int64 = 253_402_300_799

    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// RFC 3339 in UTC with six digits of a second: `2026-11-23T08:00:00.000000Z`.
    package var rfc3339: String {
        let seconds = microseconds.flooredDivision(by: 1_000_000)
        // From the remainder, because the seconds of the earliest instant do not multiply back.
        let remainder = microseconds % 1_000_000
        let fraction = remainder < 0 ? remainder + 1_000_000 : remainder
        let days = seconds.flooredDivision(by: 86_400)
        let rest = seconds - days * 86_400
        let date = CivilDate(daysSince1970: days)
        let clock = "\(padded(rest / 3600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))"
        return "\(date)T\(clock).\(padded(fraction, 6))Z"
    }

    package var description: String { rfc3339 }

    /// Reads RFC 3339 with any offset and up to six digits of a second. The instant must lie in
    /// the years 1970…9999 of UTC, so that its text reads back.
    package init(rfc3339 text: String) throws(ArithmeticRefusal) {
        var bytes = ArraySlice(text.utf8)
        guard bytes.count <= 40 else { throw .malformed }
        let date = CivilDate(
            year: try number(4, from: &bytes), month: try number(2, after: "-", from: &bytes),
            day: try number(2, after: "-", from: &bytes))
        guard date.isValid else { throw .outOfRange }
        guard let mark = bytes.popFirst(), mark == UInt8(ascii: "T") || mark == UInt8(ascii: "t")
        else { throw .malformed }
        let hour = try number(2, from: &bytes)
        let minute = try number(2, after: ":", from: &bytes)
        let second = try number(2, after: ":", from: &bytes)
        guard hour < 24, minute < 60, second < 60 else { throw .outOfRange }
        let fraction = try fraction(from: &bytes)
        let offset = try offset(from: &bytes)
        guard bytes.isEmpty else { throw .malformed }
        let clock = hour * 3600 + minute * 60 + second
        let seconds = date.daysSince1970 * 86_400 + clock - offset
        guard (0...Self.lastSecond).contains(seconds) else { throw .outOfRange }
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    package func adding(seconds: Int64) throws(ArithmeticRefusal) -> Instant {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { throw .overflow }
        return try adding(microseconds: product)
    }

    package func adding(microseconds: Int64) throws(ArithmeticRefusal) -> Instant {
        Instant(microseconds: try sum(self.microseconds, microseconds))
    }

    package static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }
}

/// `count` digits, after `mark` when one is given.
private func number(
    _ count: Int, after mark: Unicode.Scalar? = nil, from bytes: inout ArraySlice<UInt8>
) throws(ArithmeticRefusal) -> Int64 {
    if let mark, bytes.popFirst() != UInt8(ascii: mark) { throw .malformed }
    var value: Int64 = 0
    for _ in 0..<count {
        guard let byte = bytes.popFirst(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        else { throw .malformed }
        value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    return value
}

/// Microseconds behind the point, 0 when there is none.
private func fraction(from bytes: inout ArraySlice<UInt8>) throws(ArithmeticRefusal) -> Int64 {
    guard bytes.first == UInt8(ascii: ".") else { return 0 }
    bytes = bytes.dropFirst()
    var value: Int64 = 0
    var digits = 0
    while let byte = bytes.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        guard digits < 6 else { throw .outOfRange }
        value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        digits += 1
        bytes = bytes.dropFirst()
    }
    guard digits > 0 else { throw .malformed }
    for _ in digits..<6 { value *= 10 }
    return value
}

/// Seconds east of Greenwich.
private func offset(from bytes: inout ArraySlice<UInt8>) throws(ArithmeticRefusal) -> Int64 {
    switch bytes.popFirst() {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"):
        return 0
    case UInt8(ascii: "+"):
        return try clockOffset(from: &bytes)
    case UInt8(ascii: "-"):
        return -(try clockOffset(from: &bytes))
    default:
        throw .malformed
    }
}

private func clockOffset(from bytes: inout ArraySlice<UInt8>) throws(ArithmeticRefusal) -> Int64 {
    let hours = try number(2, from: &bytes)
    let minutes = try number(2, after: ":", from: &bytes)
    guard hours < 24, minutes < 60 else { throw .outOfRange }
    return hours * 3600 + minutes * 60
}

/// A day of the Gregorian calendar and its number since 1970-01-01.
///
/// Source: H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil; the era of
/// 400 years makes every step a whole division.
struct CivilDate: Hashable, Sendable, CustomStringConvertible {
    let year: Int64
    let month: Int64
    let day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSince1970 days: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.flooredDivision(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// Whether there is such a day.
    var isValid: Bool {
        (1...12).contains(month) && (1...31).contains(day) && (0...9999).contains(year)
            && CivilDate(daysSince1970: daysSince1970) == self
    }

    var description: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }
}

extension Int64 {
    /// Division that rounds towards minus infinity; `divisor` is above zero.
    func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

/// `number` with zeros in front, `width` digits at least.
func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
