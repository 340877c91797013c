// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// One GS1 application identifier: what stands behind it and beside which others it may stand.
///
/// Source: GS1 General Specifications, section 3 (definitions) and 4.14 (pairs). A pattern of a
/// pair may end in `n`, which stands for any digit: `310n`.
struct ApplicationIdentifier: Sendable {
    /// Two to four digits.
    let code: String
    let format: Format
    /// The decimals that the last digit of the identifier says, 0 for the others.
    let decimals: Int
    /// Each group needs one of its members in the same string.
    let requires: [[String]]
    /// None of these may stand in the same string.
    let excludes: [String]

    /// What the data of an identifier looks like.
    enum Format: Sendable {
        /// A number whose last digit is the check digit.
        case key(Int)
        /// A number with check digit, then more: returnable assets begin with a filler 0.
        case longKey(filler: Bool, key: Int, tail: ClosedRange<Int>, Alphabet)
        case digits(ClosedRange<Int>)
        case text(ClosedRange<Int>, Alphabet)
        /// Six digits; day 00 is the end of the month.
        case date
        /// Ten digits YYMMDDhhmm.
        case minute
        /// Eight, ten or twelve digits YYMMDDhh[mm[ss]].
        case second
        case count
        /// Six digits in the unit named.
        case measure(String)
        /// An amount, behind a currency of three digits when `currency` is true.
        case price(currency: Bool, ClosedRange<Int>)
        /// A country of three digits, then text.
        case country(tail: ClosedRange<Int>)
        /// One to five countries.
        case countries
    }

    /// The characters that data may consist of.
    enum Alphabet: Sendable {
        case digits
        case set82
        case set39
        case set64

        func contains(_ byte: UInt8) -> Bool {
            switch self {
            case .digits: byte.isDigit
            case .set82: Self.isSet82(byte)
            case .set39:
                byte.isDigit || (0x41...0x5A).contains(byte) || [0x23, 0x2D, 0x2F].contains(byte)
            case .set64:
                byte.isDigit || byte.isLetter || [0x2D, 0x5F, 0x3D].contains(byte)
            }
        }

        /// ISO/IEC 646 without # $ @ [ \ ] ^ ` { | } ~ and the space.
        private static func isSet82(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x21, 0x22, 0x25...0x3F, 0x41...0x5A, 0x5F, 0x61...0x7A: true
            default: false
            }
        }
    }

    /// The lengths that the data may have.
    var lengths: ClosedRange<Int> {
        switch format {
        case .key(let length): length...length
        case .longKey(let filler, let key, let tail, _):
            (key + (filler ? 1 : 0) + tail.lowerBound)...(key + (filler ? 1 : 0) + tail.upperBound)
        case .digits(let lengths), .text(let lengths, _): lengths
        case .date, .measure: 6...6
        case .minute: 10...10
        case .second: 8...12
        case .count: 1...8
        case .price(let currency, let lengths):
            currency ? (lengths.lowerBound + 3)...(lengths.upperBound + 3) : lengths
        case .country(let tail): (3 + tail.lowerBound)...(3 + tail.upperBound)
        case .countries: 3...15
        }
    }

    /// True when no separator is needed behind the data. The list is closed for all time and goes
    /// by the first two digits only: an identifier of constant length outside it still needs one.
    var hasPredefinedLength: Bool {
        switch code.prefix(2) {
        case "00", "01", "02", "03", "04", "11", "12", "13", "14", "15", "16", "17", "18", "19",
            "20", "31", "32", "33", "34", "35", "36", "41":
            true
        default: false
        }
    }

    /// True when the data carries a check digit: a proof that the text is an element string.
    var hasCheckDigit: Bool {
        switch format {
        case .key, .longKey: true
        default: false
        }
    }

    /// The identifier that `bytes` begin with at `start`. No identifier is the beginning of
    /// another one, so the first that fits is the only one.
    static func match(_ bytes: some RandomAccessCollection<UInt8>) -> Self? {
        var key = 0
        for (index, byte) in bytes.prefix(4).enumerated() {
            guard byte.isDigit else { return nil }
            key = key * 10 + byte.digitValue
            if index > 0, let found = table[tableKey(key, length: index + 1)] { return found }
        }
        return nil
    }

    /// The identifier `code`, when it is known.
    static func named(_ code: String) -> Self? {
        let bytes = Array(code.utf8)
        guard let found = match(bytes), found.code == code else { return nil }
        return found
    }

    /// True when `code` is one that the pattern means.
    static func pattern(_ pattern: String, means code: String) -> Bool {
        guard pattern.utf8.count == code.utf8.count else { return false }
        return zip(pattern.utf8, code.utf8).allSatisfy { $0 == $1 || $0 == UInt8(ascii: "n") }
    }

    private static let table: [Int: ApplicationIdentifier] = {
        var table: [Int: ApplicationIdentifier] = [:]
        for entry in all {
            guard let number = Int(entry.code) else { continue }
            table[tableKey(number, length: entry.code.utf8.count)] = entry
        }
        return table
    }()

    private static func tableKey(_ number: Int, length: Int) -> Int { length * 10_000 + number }
}

extension UInt8 {
    /// True for the ASCII letters of both cases.
    var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
}
