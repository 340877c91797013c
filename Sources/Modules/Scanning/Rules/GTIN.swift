// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A trade item number in its one stored shape: 14 digits, leading zeros kept, check digit right.
/// GTIN-8, GTIN-12, GTIN-13 and GTIN-14 that differ only in leading zeros are the same number.
///
/// Source: GS1 General Specifications, section 3.3.2 (GTIN in a 14-digit field).
struct GTIN: Hashable, Sendable, CustomStringConvertible {
    /// Exactly 14 ASCII digits.
    let digits: String

    /// Nil unless `number` has 8, 12, 13 or 14 digits and its check digit fits.
    init?(_ number: some BidirectionalCollection<UInt8>) {
        guard [8, 12, 13, 14].contains(number.count), number.allSatisfy(\.isDigit),
            CheckDigit.fits(number)
        else { return nil }
        digits = String(repeating: "0", count: 14 - number.count) + number.asText
    }

    /// The same from text.
    init?(text: String) {
        self.init(Array(text.utf8))
    }

    var description: String { digits }

    /// The first digit: 0 a base item, 1…8 a packaging level, 9 an item of variable measure.
    var indicator: Int { digits.utf8.first.map(\.digitValue) ?? 0 }

    /// True for an item whose weight or length stands beside the number.
    var isVariableMeasure: Bool { indicator == 9 }
}

/// A serial shipping container code: the number of one pallet or parcel.
struct SSCC: Hashable, Sendable, CustomStringConvertible {
    /// Exactly 18 ASCII digits.
    let digits: String

    /// Nil unless `number` has 18 digits and its check digit fits.
    init?(_ number: some BidirectionalCollection<UInt8>) {
        guard number.count == 18, number.allSatisfy(\.isDigit), CheckDigit.fits(number) else {
            return nil
        }
        digits = number.asText
    }

    var description: String { digits }
}

/// UPC-E prints a UPC-A number of many zeros in eight digits.
enum UPCE {
    /// The 12 digits of the UPC-A number, nil unless `short` has 8 digits, starts with 0 or 1 and
    /// carries the check digit of the long number.
    ///
    /// Source: GS1 General Specifications, section 5.2.2.4 (zero suppression).
    static func expanded(_ short: some RandomAccessCollection<UInt8>) -> [UInt8]? {
        let digits = Array(short)
        guard digits.count == 8, digits.allSatisfy(\.isDigit), digits[0].digitValue <= 1 else {
            return nil
        }
        let body = Array(digits[1...6])
        let long: [UInt8]
        switch body[5].digitValue {
        case 0...2: long = body[0...1] + [body[5]] + zeros(4) + body[2...4]
        case 3: long = body[0...2] + zeros(5) + body[3...4]
        case 4: long = body[0...3] + zeros(5) + [body[4]]
        default: long = body[0...4] + zeros(4) + [body[5]]
        }
        let number = [digits[0]] + long + [digits[7]]
        return CheckDigit.fits(number) ? number : nil
    }

    private static func zeros(_ count: Int) -> [UInt8] {
        Array(repeating: .digitZero, count: count)
    }
}
