// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A fraction in lowest terms with a denominator above zero: 24 pieces a case is 24/1.
package struct Ratio: Hashable, Sendable, CustomStringConvertible {
    package let num: Int64
    package let den: Int64

    package static let one = Ratio(reduced: 1, 1)

    /// Reduces to lowest terms. Refuses a zero denominator.
    package init(_ num: Int64, _ den: Int64 = 1) throws(ArithmeticRefusal) {
        guard den != 0 else { throw .divisionByZero }
        let divisor = Int128(greatestCommonDivisor(num.magnitude, den.magnitude))
        let sign: Int128 = den < 0 ? -1 : 1
        self.num = try narrowed(Int128(num) / divisor * sign)
        self.den = try narrowed(Int128(den) / divisor * sign)
    }

    private init(reduced num: Int64, _ den: Int64) {
        self.num = num
        self.den = den
    }

    /// The fraction upside down. Refuses zero.
    package func inverted() throws(ArithmeticRefusal) -> Ratio { try Ratio(den, num) }

    package static func * (a: Ratio, b: Ratio) throws(ArithmeticRefusal) -> Ratio {
        // Reduced crosswise first, so that only a result that does not fit overflows.
        let left = try Ratio(a.num, b.den)
        let right = try Ratio(b.num, a.den)
        return try Ratio(
            try narrowed(Int128(left.num) * Int128(right.num)),
            try narrowed(Int128(left.den) * Int128(right.den)))
    }

    package var description: String { den == 1 ? "\(num)" : "\(num)/\(den)" }
}

private func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return max(a, 1)
}
