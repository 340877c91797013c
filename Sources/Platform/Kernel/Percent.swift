// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A share in parts per million: 13 % is 130 000.
package struct Percent: Hashable, Sendable, CustomStringConvertible {
    /// Parts of the whole.
    package static let whole: Int64 = 1_000_000

    package let ppm: Int64

    package init(ppm: Int64) { self.ppm = ppm }

    /// Reads `13` or `6.5` as per cent, up to four digits behind the point.
    package init(decimal: String) throws(ArithmeticRefusal) {
        let (units, scale) = try Decimal.parse(decimal, scaleMax: 4)
        self.init(ppm: try narrowed(Int128(units) * Decimal.power(4 - scale)))
    }

    package var decimal: String { Decimal.text(ppm, scale: 4) }
    package var description: String { "\(decimal) %" }

    package static func + (a: Percent, b: Percent) throws(ArithmeticRefusal) -> Percent {
        Percent(ppm: try sum(a.ppm, b.ppm))
    }

    package static func - (a: Percent, b: Percent) throws(ArithmeticRefusal) -> Percent {
        Percent(ppm: try difference(a.ppm, b.ppm))
    }
}
