// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A currency by its ISO 4217 code, with the digits of its minor unit.
package enum Currency: String, Hashable, Sendable, CaseIterable {
    case cny = "CNY"
    case usd = "USD"
    case eur = "EUR"
    case gbp = "GBP"
    case hkd = "HKD"
    case jpy = "JPY"
    case krw = "KRW"
    case sgd = "SGD"
    case twd = "TWD"
    case kwd = "KWD"

    /// The currency of a code in capital letters; refuses one that the house does not know.
    package init(code: String) throws(ArithmeticRefusal) {
        guard let currency = Currency(rawValue: code) else { throw .malformed }
        self = currency
    }

    /// Digits behind the point of the minor unit, by ISO 4217.
    package var minorDigits: Int {
        switch self {
        case .jpy, .krw: 0
        case .kwd: 3
        case .cny, .usd, .eur, .gbp, .hkd, .sgd, .twd: 2
        }
    }
}

/// An amount of money in the currency's minor unit: ¥12.30 is 1230 fen.
package struct Money: Hashable, Sendable, CustomStringConvertible {
    package let minor: Int64
    package let currency: Currency

    package init(minor: Int64, _ currency: Currency) {
        self.minor = minor
        self.currency = currency
    }

    /// Reads a decimal text with no more digits than the currency has.
    package init(decimal: String, _ currency: Currency) throws(ArithmeticRefusal) {
        let (units, scale) = try Decimal.parse(decimal, scaleMax: currency.minorDigits)
        let wide = Int128(units) * Decimal.power(currency.minorDigits - scale)
        self.init(minor: try narrowed(wide), currency)
    }

    package var decimal: String { Decimal.text(minor, scale: currency.minorDigits) }
    package var description: String { "\(decimal) \(currency.rawValue)" }

    /// The amount times a ratio.
    package func times(_ ratio: Ratio, rounding: Rounding) throws(ArithmeticRefusal) -> Money {
        let product = Int128(minor) * Int128(ratio.num)
        return Money(
            minor: try narrowed(try divide(product, by: Int128(ratio.den), rounding)), currency)
    }

    /// A share of the amount.
    package func times(_ percent: Percent, rounding: Rounding) throws(ArithmeticRefusal) -> Money {
        let product = Int128(minor) * Int128(percent.ppm)
        return Money(
            minor: try narrowed(try divide(product, by: Int128(Percent.whole), rounding)),
            currency)
    }

    /// Splits without losing a unit; see `allocate`.
    package func allocated(over weights: [Int64]) throws(ArithmeticRefusal) -> [Money] {
        try allocate(minor, over: weights).map { Money(minor: $0, currency) }
    }

    package func negated() throws(ArithmeticRefusal) -> Money {
        Money(minor: try difference(0, minor), currency)
    }

    package static func + (a: Money, b: Money) throws(ArithmeticRefusal) -> Money {
        guard a.currency == b.currency else { throw .currencyMixed }
        return Money(minor: try sum(a.minor, b.minor), a.currency)
    }

    package static func - (a: Money, b: Money) throws(ArithmeticRefusal) -> Money {
        guard a.currency == b.currency else { throw .currencyMixed }
        return Money(minor: try difference(a.minor, b.minor), a.currency)
    }
}
