// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// Turns a text into the shape in which two spellings of the same are equal: full-width letters
/// become ordinary ones, capitals become small ones.
func folded(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        switch scalar.value {
        // Full-width ASCII stands at a fixed distance from ASCII (Unicode block FF00).
        case 0xFF01...0xFF5E:
            scalars.append(Unicode.Scalar(UInt8(scalar.value - 0xFEE0)))
        case 0x3000: scalars.append(" ")
        default: scalars.append(scalar)
        }
    }
    return String(scalars).lowercased()
}

/// `folded` without anything but letters and digits: what is compared when people search.
func squashed(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in folded(text).unicodeScalars where scalar.isSearchable {
        scalars.append(scalar)
    }
    return String(scalars)
}

extension Unicode.Scalar {
    fileprivate var isSearchable: Bool {
        if value < 128 {
            return ("a"..."z").contains(self) || ("0"..."9").contains(self)
        }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
            return true
        default: return false
        }
    }
}

/// The text of a code with what it is compared by.
package struct CodeText: Hashable, Sendable {
    /// As it was typed or read, without spaces at the ends.
    package let text: String
    /// The GTIN as 14 digits, nil for a code that is none.
    package let gtin: String?

    /// What two codes of the same meaning share.
    package var key: String { gtin ?? folded(text) }

    /// Refuses an empty text, one over `Limit.codeLength`, one with control characters other than
    /// the group separator, and a number as long as a GTIN whose check digit is wrong.
    package init(_ text: String) throws(CatalogRefusal) {
        let text = trimmed(text)
        guard !text.isEmpty, text.unicodeScalars.count <= Limit.codeLength,
            text.unicodeScalars.allSatisfy({ !isControl($0) || $0.value == 0x1d })
        else { throw .codeUnreadable(code: String(text.prefix(Limit.codeLength))) }
        let plain = folded(text)
        gtin = gtin14(plain)
        if gtin == nil, let expected = checkDigit(for: plain) {
            throw .codeCheckDigit(code: text, expected: expected)
        }
        self.text = text
    }

    /// A code that was checked when it was stored.
    init(stored text: String, gtin: String?) {
        self.text = text
        self.gtin = gtin
    }
}

/// The 14-digit form of a GTIN-8, -12, -13 or -14 whose check digit fits, or of a UPC-E number.
///
/// Sources: GS1 General Specifications 3.3.2 (GTIN in 14 digits), 5.2.2.4 (UPC-E), 7.9 (check
/// digit).
package func gtin14(_ text: String) -> String? {
    let digits = Array(text.utf8)
    guard [8, 12, 13, 14].contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
    // A number of zeros fits its check digit and names nothing.
    guard digits.contains(where: { $0 != zero }) else { return nil }
    if fits(digits) { return padded(digits) }
    guard let long = upcA(fromUPCE: digits), fits(long) else { return nil }
    return padded(long)
}

/// The last digit that a number as long as a GTIN should have; nil when it is no such number.
func checkDigit(for text: String) -> String? {
    let digits = Array(text.utf8)
    guard [8, 12, 13, 14].contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
    let missing = (10 - weightedSum(digits.dropLast()) % 10) % 10
    return String(missing)
}

private let zero = UInt8(ascii: "0")

private func isDigit(_ byte: UInt8) -> Bool { (zero...UInt8(ascii: "9")).contains(byte) }

private func padded(_ digits: [UInt8]) -> String {
    String(repeating: "0", count: 14 - digits.count) + String(decoding: digits, as: UTF8.self)
}

private func fits(_ digits: [UInt8]) -> Bool {
    (weightedSum(digits.dropLast()) + Int(digits[digits.count - 1] - zero)) % 10 == 0
}

/// Weights 3, 1, 3, … from the right.
private func weightedSum(_ digits: ArraySlice<UInt8>) -> Int {
    var sum = 0
    for (index, digit) in digits.reversed().enumerated() {
        sum += Int(digit - zero) * (index % 2 == 0 ? 3 : 1)
    }
    return sum
}

/// UPC-E leaves out a run of zeros of a UPC-A number; the seventh digit says where.
private func upcA(fromUPCE digits: [UInt8]) -> [UInt8]? {
    guard digits.count == 8, digits[0] == zero || digits[0] == zero + 1 else { return nil }
    let body = digits[1...6]
    let zeros = { (count: Int) in [UInt8](repeating: zero, count: count) }
    let middle: [UInt8]
    switch digits[6] - zero {
    case 0, 1, 2: middle = body[1...2] + [digits[6]] + zeros(4) + body[3...5]
    case 3: middle = body[1...3] + zeros(5) + body[4...5]
    case 4: middle = body[1...4] + zeros(5) + body[5...5]
    default: middle = body[1...5] + zeros(4) + [digits[6]]
    }
    return [digits[0]] + middle + [digits[7]]
}

/// `text` without white space at its ends; a group separator is no white space here.
func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace && scalar.value != 0x1d
    }
    guard let first = scalars.firstIndex(where: { !isSpace($0) }),
        let last = scalars.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(scalars[first...last])
}

func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069: true
    default: false
    }
}
