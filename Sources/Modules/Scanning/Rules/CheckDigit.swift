// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The check digits of GS1 numbers. All functions take ASCII digits and answer nil for anything
/// else, so that a caller never computes with garbage.
///
/// Source: GS1 General Specifications, section 7.9 (standard check digit, price check digits).
enum CheckDigit {
    /// The last digit that belongs to `payload` (the number without its check digit): weights 3
    /// and 1 in turn from the right, so one function serves numbers of every length.
    static func standard(_ payload: some BidirectionalCollection<UInt8>) -> UInt8? {
        var sum = 0
        var weight = 3
        for byte in payload.reversed() {
            guard byte.isDigit else { return nil }
            sum += byte.digitValue * weight
            weight = 4 - weight
        }
        return UInt8((10 - sum % 10) % 10) + .digitZero
    }

    /// True when the last digit of `number` is the check digit of the digits before it.
    static func fits(_ number: some BidirectionalCollection<UInt8>) -> Bool {
        guard let last = number.last, number.count > 1 else { return false }
        return standard(number.dropLast()) == last
    }

    /// The verifier of a price or weight of four or five digits inside an in-house number.
    static func verifier(ofValue value: some Collection<UInt8>) -> UInt8? {
        guard value.allSatisfy(\.isDigit) else { return nil }
        let digits = value.map(\.digitValue)
        switch digits.count {
        case 4:
            let sum =
                minus(digits[0], 2) + minus(digits[1], 2) + digits[2] * 3 + minus(digits[3], 5)
            return UInt8((sum * 3) % 10) + .digitZero
        case 5:
            let sum =
                plus(digits[0], 5) + minus(digits[1], 2) + minus(digits[2], 5)
                + plus(digits[3], 5) + minus(digits[4], 2)
            let wanted = (10 - sum % 10) % 10
            // The verifier is the digit whose own "5 minus" product is the complement.
            return (0...9).first { minus($0, 5) == wanted }.map { UInt8($0) + .digitZero }
        default:
            return nil
        }
    }

    /// Product reduced to one digit by taking the tens away from the ones.
    private static func minus(_ digit: Int, _ weight: Int) -> Int {
        let product = digit * weight
        return (product % 10 - product / 10 + 10) % 10
    }

    /// Product reduced to one digit by adding the tens to the ones.
    private static func plus(_ digit: Int, _ weight: Int) -> Int {
        let product = digit * weight
        return (product % 10 + product / 10) % 10
    }
}

extension UInt8 {
    /// The ASCII code of the digit 0.
    static let digitZero: UInt8 = 0x30

    /// True for the ASCII digits.
    var isDigit: Bool { (0x30...0x39).contains(self) }

    /// The value of an ASCII digit; only asked after `isDigit`.
    var digitValue: Int { Int(self) - 0x30 }
}

extension Collection where Element == UInt8 {
    /// The bytes as text; they are ASCII wherever this is used.
    var asText: String { String(decoding: self, as: UTF8.self) }

    /// The number that ASCII digits say, nil for other characters or more than 18 digits.
    var asNumber: Int64? {
        guard !isEmpty, count <= 18 else { return nil }
        var number: Int64 = 0
        for byte in self {
            guard byte.isDigit else { return nil }
            number = number * 10 + Int64(byte.digitValue)
        }
        return number
    }
}
