// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

struct RatioTests {
    @Test(
        arguments: [
            (24, 1, 24, 1), (2, 4, 1, 2), (-2, 4, -1, 2), (2, -4, -1, 2), (-2, -4, 1, 2),
            (0, -7, 0, 1),
            (Int64.min, Int64.min, 1, 1), (Int64.min, 2, Int64.min / 2, 1),
            (Int64.max, 1, Int64.max, 1),
            (2, Int64.min, -1, 4_611_686_018_427_387_904),
        ] as [(Int64, Int64, Int64, Int64)])
    func `a ratio is kept in lowest terms with the sign above`(
        num: Int64, den: Int64, lowNum: Int64, lowDen: Int64
    ) throws {
        let ratio = try Ratio(num, den)
        #expect(ratio.num == lowNum)
        #expect(ratio.den == lowDen)
    }

    @Test func `a denominator of zero is refused`() {
        #expect(throws: ArithmeticRefusal.divisionByZero) { try Ratio(1, 0) }
        #expect(throws: ArithmeticRefusal.divisionByZero) { try Ratio(0, 1).inverted() }
    }

    @Test func `a ratio that does not fit is refused`() throws {
        #expect(throws: ArithmeticRefusal.overflow) { try Ratio(.min, -1) }
        #expect(throws: ArithmeticRefusal.overflow) { try Ratio(1, .min) }
        #expect(throws: ArithmeticRefusal.overflow) { try Ratio(.max) * Ratio(2) }
        #expect(throws: ArithmeticRefusal.overflow) { try Ratio(1, .max) * Ratio(1, 2) }
    }

    @Test func `a product is reduced before it can overflow`() throws {
        let product = try Ratio(.max, 3) * Ratio(3, .max)
        #expect(product == .one)
    }

    @Test func `every factor up to 200 over 200 goes up and down without loss`() throws {
        for num in Int64(1)...200 {
            for den in Int64(1)...200 {
                try upAndDown(num, den, times: 7, note: "\(num)/\(den)")
            }
        }
    }

    @Test func `random factors up to 10000 go up and down without loss`() throws {
        var dice = Dice()
        for _ in 0..<5_000 {
            let (num, den) = (dice.number(1...10_000), dice.number(1...10_000))
            let times = dice.number(-1_000_000...1_000_000)
            try upAndDown(num, den, times: times, note: "\(num)/\(den) × \(times), \(dice.note)")
        }
    }

    @Test func `an order through a pack of nine stays exact`() throws {
        let pack = try Ratio(9)
        let ordered = try Quantity(decimal: "2000")
        #expect(throws: ArithmeticRefusal.inexact) {
            try ordered.times(try pack.inverted(), rounding: .exact)
        }
        let back = try pack.inverted() * pack
        #expect(try ordered.times(back, rounding: .exact) == ordered)
    }

    @Test func `exact refuses precisely the products that leave a remainder`() throws {
        for num in Int64(1)...30 {
            for den in Int64(1)...30 {
                for units in Int64(-30)...30 {
                    let quantity = try Quantity(units: units, scale: 0)
                    let ratio = try Ratio(num, den)
                    let product = try? quantity.times(ratio, rounding: .exact)
                    let expected = units * num % den == 0 ? units * num / den : nil
                    if product?.units != expected { Issue.record("\(units) × \(num)/\(den)") }
                }
            }
        }
    }

    /// Multiplies a quantity that `den` divides by `num/den` and back, exactly.
    private func upAndDown(
        _ num: Int64, _ den: Int64, times: Int64, note: @autoclosure () -> String
    ) throws {
        let ratio = try Ratio(num, den)
        let original = try Quantity(units: den * times, scale: 0)
        let up = try original.times(ratio, rounding: .exact)
        let down = try up.times(try ratio.inverted(), rounding: .exact)
        let isOne = try ratio * ratio.inverted() == .one
        if up.units != num * times || down != original || !isOne {
            Issue.record(Comment(rawValue: note()))
        }
    }
}

struct RoundingTests {
    /// The results in this order: down, up, halfUp, halfEven, floor, ceiling.
    @Test(
        arguments: [
            (5, 2, [2, 3, 3, 2, 2, 3]), (7, 2, [3, 4, 4, 4, 3, 4]), (1, 3, [0, 1, 0, 0, 0, 1]),
            (2, 3, [0, 1, 1, 1, 0, 1]), (1, 2, [0, 1, 1, 0, 0, 1]), (3, 2, [1, 2, 2, 2, 1, 2]),
            (-5, 2, [-2, -3, -3, -2, -3, -2]), (-7, 2, [-3, -4, -4, -4, -4, -3]),
            (-1, 3, [0, -1, 0, 0, -1, 0]), (-2, 3, [0, -1, -1, -1, -1, 0]),
            (-1, 2, [0, -1, -1, 0, -1, 0]), (6, 3, [2, 2, 2, 2, 2, 2]), (0, 3, [0, 0, 0, 0, 0, 0]),
        ] as [(Int64, Int64, [Int64])])
    func `every rounding does what its name says`(
        num: Int64, den: Int64, results: [Int64]
    ) throws {
        let one = try Quantity(units: 1, scale: 0)
        let modes: [Rounding] = [.down, .up, .halfUp, .halfEven, .floor, .ceiling]
        for (mode, result) in zip(modes, results) {
            #expect(
                try one.times(try Ratio(num, den), rounding: mode).units == result, "\(mode)")
        }
    }

    @Test func `rounding stays within one unit and on the named side`() throws {
        var dice = Dice()
        for _ in 0..<5_000 {
            let (units, num) = (dice.anyNumber(), dice.number(-10_000...10_000))
            let den = dice.number(1...10_000)
            let ratio = try Ratio(num, den)
            let quantity = try Quantity(units: units, scale: 0)
            let product = Int128(units) * Int128(num)
            guard
                let low = try? quantity.times(ratio, rounding: .floor).units,
                let high = try? quantity.times(ratio, rounding: .ceiling).units
            else { continue }
            let isRight =
                Int128(low) * Int128(den) <= product && product <= Int128(high) * Int128(den)
                && Int128(high) - Int128(low) == (product % Int128(den) == 0 ? 0 : 1)
            let others = try [Rounding.down, .up, .halfUp, .halfEven].map {
                try quantity.times(ratio, rounding: $0).units
            }
            if !isRight || !others.allSatisfy({ $0 == low || $0 == high }) {
                Issue.record("\(units) × \(num)/\(den), \(dice.note)")
            }
        }
    }
}
