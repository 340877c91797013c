// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Decimal texts: how exact numbers are written on the wire and on screens.
enum Decimal {
    /// Digits that a text may have in all: more than any 64-bit number needs.
    static let digitsMax = 25

    /// `units` with the last `scale` digits behind the point.
    static func text(_ units: Int64, scale: Int) -> String {
        let digits = String(units.magnitude)
        let sign = units < 0 ? "-" : ""
        guard scale > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))"
    }

    /// Reads `-12.50` as (-1250, 2). No exponent, no space, no plus, no separator of thousands.
    static func parse(
        _ text: String, scaleMax: Int
    ) throws(ArithmeticRefusal) -> (units: Int64, scale: Int) {
        var bytes = Substring(text).utf8
        guard bytes.count <= digitsMax else { throw .outOfRange }
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative { bytes = bytes.dropFirst() }
        var value: Int128 = 0
        var scale = 0
        var sawPoint = false
        var digits = 0
        for byte in bytes {
            if byte == UInt8(ascii: "."), !sawPoint, digits > 0 {
                sawPoint = true
                continue
            }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { throw .malformed }
            value = value * 10 + Int128(byte - UInt8(ascii: "0"))
            digits += 1
            if sawPoint { scale += 1 }
        }
        guard digits > 0, !sawPoint || scale > 0 else { throw .malformed }
        guard scale <= scaleMax else { throw .outOfRange }
        return (try narrowed(isNegative ? -value : value), scale)
    }

    static func power(_ exponent: Int) -> Int128 {
        var value: Int128 = 1
        for _ in 0..<exponent { value *= 10 }
        return value
    }
}
