// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// How a shop divides the numbers that it prints for itself on scales: EAN-13 beginning with 02
/// or 20 to 29. Nobody outside says how, so a site that uses them names its layouts.
struct RestrictedLayout: Hashable, Sendable {
    /// Two digits.
    let prefix: String
    let itemDigits: Int
    /// True when a digit between item and value protects the value.
    let hasVerifier: Bool
    let valueDigits: Int
    let content: Content

    enum Content: Hashable, Sendable {
        case weight(unit: String, decimals: Int)
        case price(decimals: Int)
        case count
    }

    /// Nil unless prefix, item, verifier, value and check digit are 13 digits together; a
    /// verifier exists for values of four and five digits only.
    init?(
        prefix: String, itemDigits: Int, hasVerifier: Bool, valueDigits: Int, content: Content
    ) {
        let digits = 2 + itemDigits + (hasVerifier ? 1 : 0) + valueDigits + 1
        guard RestrictedNumber.prefixes.contains(prefix), itemDigits >= 1, valueDigits >= 1,
            digits == 13, !hasVerifier || (4...5).contains(valueDigits)
        else { return nil }
        switch content {
        case .weight(_, let decimals), .price(let decimals):
            guard (0...6).contains(decimals) else { return nil }
        case .count: break
        }
        self.prefix = prefix
        self.itemDigits = itemDigits
        self.hasVerifier = hasVerifier
        self.valueDigits = valueDigits
        self.content = content
    }
}

/// A number for use inside one company or country, with its parts where a layout fits.
///
/// Source: GS1 General Specifications, section 2.1.14 (restricted circulation numbers).
struct RestrictedNumber: Hashable, Sendable {
    /// All 13 digits, check digit right.
    let digits: String
    let prefix: String
    /// The ten digits between prefix and check digit.
    let body: String
    let parts: Parts?

    /// What a layout makes of the body.
    struct Parts: Hashable, Sendable {
        let item: String
        /// The number with zeros for the value and its own check digit: how a list of items
        /// names the article.
        let itemNumber: GTIN
        let value: Value
    }

    enum Value: Hashable, Sendable {
        case weight(Quantity, unit: String)
        case price(CodePrice)
        case count(Int64)
    }

    static let prefixes: Set<String> = [
        "02", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29",
    ]

    /// The number without layout; nil when `gtin` is open to the whole world.
    init?(_ gtin: GTIN) {
        guard gtin.digits.hasPrefix("0") else { return nil }
        let digits = gtin.digits.dropFirst()
        guard Self.prefixes.contains(String(digits.prefix(2))) else { return nil }
        self.init(digits: String(digits), parts: nil)
    }

    private init(digits: String, parts: Parts?) {
        self.digits = digits
        prefix = String(digits.prefix(2))
        body = String(digits.dropFirst(2).dropLast())
        self.parts = parts
    }

    /// The number divided by `layout`; nil when the prefix is another one or the verifier of the
    /// value does not fit.
    func divided(by layout: RestrictedLayout) -> RestrictedNumber? {
        guard layout.prefix == prefix else { return nil }
        let bytes = Array(body.utf8)
        let item = bytes.prefix(layout.itemDigits)
        let value = bytes.suffix(layout.valueDigits)
        if layout.hasVerifier {
            guard CheckDigit.verifier(ofValue: value) == bytes[layout.itemDigits] else {
                return nil
            }
        }
        let zeros = Array(repeating: UInt8.digitZero, count: bytes.count - item.count)
        let payload = Array(prefix.utf8) + item + zeros
        guard let check = CheckDigit.standard(payload), let number = value.asNumber,
            let itemNumber = GTIN(payload + [check]),
            let meaning = Self.value(number, layout.content)
        else { return nil }
        let parts = Parts(item: item.asText, itemNumber: itemNumber, value: meaning)
        return RestrictedNumber(digits: digits, parts: parts)
    }

    private static func value(_ number: Int64, _ content: RestrictedLayout.Content) -> Value? {
        switch content {
        case .weight(let unit, let decimals):
            (try? Quantity(units: number, scale: decimals)).map { .weight($0, unit: unit) }
        case .price(let decimals):
            .price(CodePrice(amount: number, decimals: decimals, currency: nil))
        case .count: .count(number)
        }
    }
}
