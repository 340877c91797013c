// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// How much of something, counted in its smallest unit: 1.250 kg is 1250 at scale 3.
///
/// The scale belongs to the item and never changes; quantities of different scales do not mix.
package struct Quantity: Hashable, Sendable, CustomStringConvertible {
    /// The most digits behind the point.
    package static let scaleMax = 6

    /// Count of the smallest unit.
    package let units: Int64
    /// Digits behind the point when it is shown, 0…6.
    package let scale: Int

    package init(units: Int64, scale: Int) throws(ArithmeticRefusal) {
        guard (0...Self.scaleMax).contains(scale) else { throw .outOfRange }
        self.units = units
        self.scale = scale
    }

    /// Whole pieces.
    package init(pieces: Int64) {
        units = pieces
        scale = 0
    }

    /// Reads a decimal text; its scale is the number of digits behind the point.
    package init(decimal: String) throws(ArithmeticRefusal) {
        let (units, scale) = try Decimal.parse(decimal, scaleMax: Self.scaleMax)
        try self.init(units: units, scale: scale)
    }

    /// Exactly `scale` digits behind the point.
    package var decimal: String { Decimal.text(units, scale: scale) }
    package var description: String { decimal }

    /// The same quantity with another scale; refuses to lose a digit.
    package func rescaled(to scale: Int) throws(ArithmeticRefusal) -> Quantity {
        guard (0...Self.scaleMax).contains(scale) else { throw .outOfRange }
        if scale >= self.scale {
            let wide = Int128(units) * Decimal.power(scale - self.scale)
            return try Quantity(units: try narrowed(wide), scale: scale)
        }
        let narrow = try divide(Int128(units), by: Decimal.power(self.scale - scale), .exact)
        return try Quantity(units: try narrowed(narrow), scale: scale)
    }

    /// The quantity times a ratio, in the same scale.
    package func times(
        _ ratio: Ratio, rounding: Rounding
    ) throws(ArithmeticRefusal) -> Quantity {
        let product = Int128(units) * Int128(ratio.num)
        let value = try divide(product, by: Int128(ratio.den), rounding)
        return try Quantity(units: try narrowed(value), scale: scale)
    }

    /// Splits without losing a unit; see `allocate`.
    package func allocated(over weights: [Int64]) throws(ArithmeticRefusal) -> [Quantity] {
        var parts: [Quantity] = []
        for part in try allocate(units, over: weights) {
            parts.append(try Quantity(units: part, scale: scale))
        }
        return parts
    }

    package func negated() throws(ArithmeticRefusal) -> Quantity {
        try Quantity(units: try difference(0, units), scale: scale)
    }

    package static func + (a: Quantity, b: Quantity) throws(ArithmeticRefusal) -> Quantity {
        guard a.scale == b.scale else { throw .scaleMixed }
        return try Quantity(units: try sum(a.units, b.units), scale: a.scale)
    }

    package static func - (a: Quantity, b: Quantity) throws(ArithmeticRefusal) -> Quantity {
        guard a.scale == b.scale else { throw .scaleMixed }
        return try Quantity(units: try difference(a.units, b.units), scale: a.scale)
    }

    /// Whether `a` is less than `b`.
    package static func < (a: Quantity, b: Quantity) throws(ArithmeticRefusal) -> Bool {
        guard a.scale == b.scale else { throw .scaleMixed }
        return a.units < b.units
    }
}
