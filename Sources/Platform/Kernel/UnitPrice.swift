// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The price of one base unit, in millionths of the currency's major unit: ¥0.0035 is 3500.
package struct UnitPrice: Hashable, Sendable, CustomStringConvertible {
    /// Digits behind the point.
    package static let scale = 6

    package let micro: Int64
    package let currency: Currency

    package init(micro: Int64, _ currency: Currency) {
        self.micro = micro
        self.currency = currency
    }

    /// Reads a decimal text with up to six digits behind the point.
    package init(decimal: String, _ currency: Currency) throws(ArithmeticRefusal) {
        let (units, scale) = try Decimal.parse(decimal, scaleMax: Self.scale)
        self.init(
            micro: try narrowed(Int128(units) * Decimal.power(Self.scale - scale)), currency)
    }

    package var decimal: String { Decimal.text(micro, scale: Self.scale) }
    package var description: String { "\(decimal) \(currency.rawValue)" }

    /// What `quantity` costs.
    package func times(
        _ quantity: Quantity, rounding: Rounding
    ) throws(ArithmeticRefusal) -> Money {
        // The product of two 64-bit numbers always fits 128 bits; what it stands for has the digits
        // of the price and of the quantity, of which the currency keeps its own.
        let digits = Self.scale + quantity.scale - currency.minorDigits
        let product = Int128(micro) * Int128(quantity.units)
        return Money(
            minor: try narrowed(try divide(product, by: Decimal.power(digits), rounding)), currency)
    }
}
