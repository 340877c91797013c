// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

struct QuantityTests {
    @Test(
        arguments: [
            ("0", 0, 0), ("23", 23, 0), ("1.250", 1250, 3), ("-12.50", -1250, 2),
            ("0.000001", 1, 6),
            ("-0.5", -5, 1), ("007", 7, 0), ("9223372036854775807", Int64.max, 0),
            ("-9223372036854775808", Int64.min, 0), ("-9223372036854.775808", Int64.min, 6),
        ] as [(String, Int64, Int)])
    func `a decimal text is read to the digit`(text: String, units: Int64, scale: Int) throws {
        let quantity = try Quantity(decimal: text)
        #expect(quantity.units == units)
        #expect(quantity.scale == scale)
    }

    @Test(
        arguments: [
            (0, 0, "0"), (0, 3, "0.000"), (5, 3, "0.005"), (-5, 3, "-0.005"), (1250, 3, "1.250"),
            (-1250, 2, "-12.50"), (Int64.max, 6, "9223372036854.775807"),
            (Int64.min, 6, "-9223372036854.775808"), (Int64.min, 0, "-9223372036854775808"),
        ] as [(Int64, Int, String)])
    func `the text has exactly as many digits as the scale`(
        units: Int64, scale: Int, text: String
    ) throws {
        #expect(try Quantity(units: units, scale: scale).decimal == text)
    }

    @Test(arguments: [
        "", "-", ".", "-.", ".5", "5.", "+5", "1,5", "1e3", "1E3", " 1", "1 ", "1\n", "1.2.3",
        "--1",
        "1-", "0x10", "١٢", "1２", "NaN", "inf", "1_000", "1.\u{301}5", "½", "\u{0}1",
    ])
    func `a text that is no decimal is refused`(text: String) {
        #expect(throws: ArithmeticRefusal.malformed) { try Quantity(decimal: text) }
    }

    @Test(arguments: ["1.1234567", "0.0000000", "00000000000000000000000001"])
    func `a text with too many digits is refused`(text: String) {
        #expect(throws: ArithmeticRefusal.outOfRange) { try Quantity(decimal: text) }
    }

    @Test(arguments: ["9223372036854775808", "-9223372036854775809", "9999999999999999999999999"])
    func `a number beyond 64 bits is refused`(text: String) {
        #expect(throws: ArithmeticRefusal.overflow) { try Quantity(decimal: text) }
    }

    @Test func `a very long text is refused without being read`() {
        let text = String(repeating: "0", count: 1_000_000)
        #expect(throws: ArithmeticRefusal.outOfRange) { try Quantity(decimal: text) }
    }

    @Test(arguments: [-1, 7, Int.max, Int.min])
    func `a scale outside 0 to 6 is refused`(scale: Int) {
        #expect(throws: ArithmeticRefusal.outOfRange) { try Quantity(units: 1, scale: scale) }
        #expect(throws: (any Error).self) { try Quantity(units: 1, scale: 2).rescaled(to: scale) }
    }

    @Test func `what is printed reads back as the same quantity`() throws {
        var dice = Dice()
        for _ in 0..<5_000 {
            let quantity = try Quantity(units: dice.anyNumber(), scale: Int(dice.number(0...6)))
            if try Quantity(decimal: quantity.decimal) != quantity {
                Issue.record("\(quantity), \(dice.note)")
            }
        }
    }

    @Test func `sums and differences are exact or refused`() throws {
        var dice = Dice()
        for _ in 0..<5_000 {
            let (a, b) = (dice.anyNumber(), dice.anyNumber())
            let scale = Int(dice.number(0...6))
            let (left, right) = (
                try Quantity(units: a, scale: scale), try Quantity(units: b, scale: scale)
            )
            let sum = try? left + right
            let difference = try? left - right
            let wide = (Int128(a) + Int128(b), Int128(a) - Int128(b))
            if sum?.units != Int64(exactly: wide.0) || difference?.units != Int64(exactly: wide.1) {
                Issue.record("\(left) and \(right), \(dice.note)")
            }
        }
    }

    @Test func `an overflow is refused by name`() throws {
        let most = try Quantity(units: .max, scale: 0)
        let least = try Quantity(units: .min, scale: 0)
        let one = try Quantity(units: 1, scale: 0)
        #expect(throws: ArithmeticRefusal.overflow) { try most + one }
        #expect(throws: ArithmeticRefusal.overflow) { try least - one }
        #expect(throws: ArithmeticRefusal.overflow) { try least.negated() }
        #expect(throws: ArithmeticRefusal.overflow) { try most.rescaled(to: 1) }
        #expect(throws: ArithmeticRefusal.overflow) {
            try most.times(try Ratio(.max), rounding: .down)
        }
        #expect(throws: ArithmeticRefusal.overflow) {
            try least.times(try Ratio(.min), rounding: .down)
        }
    }

    @Test func `quantities of different scales never mix`() throws {
        let grams = try Quantity(decimal: "1.000")
        let pieces = try Quantity(decimal: "1")
        #expect(throws: ArithmeticRefusal.scaleMixed) { try grams + pieces }
        #expect(throws: ArithmeticRefusal.scaleMixed) { try grams - pieces }
        #expect(throws: ArithmeticRefusal.scaleMixed) { try grams < pieces }
    }

    @Test func `quantities of one scale compare by size`() throws {
        let small = try Quantity(decimal: "-1.5")
        let large = try Quantity(decimal: "1.5")
        #expect(try small < large)
        #expect(try !(large < small))
        #expect(try !(large < large))
    }

    @Test func `rescaling keeps the value or refuses to lose a digit`() throws {
        let weight = try Quantity(decimal: "1.250")
        #expect(try weight.rescaled(to: 2).decimal == "1.25")
        #expect(try weight.rescaled(to: 6).decimal == "1.250000")
        #expect(throws: ArithmeticRefusal.inexact) { try weight.rescaled(to: 1) }
        var dice = Dice()
        for _ in 0..<2_000 {
            let scale = Int(dice.number(0...6))
            let quantity = try Quantity(units: dice.number(-1_000_000...1_000_000), scale: scale)
            let finer = try quantity.rescaled(to: Int(dice.number(Int64(scale)...6)))
            if try finer.rescaled(to: scale) != quantity {
                Issue.record("\(quantity), \(dice.note)")
            }
        }
    }
}
