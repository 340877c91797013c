// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

struct MoneyTests {
    @Test(
        arguments: [
            ("CNY", 2), ("USD", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3),
        ] as [(String, Int)])
    func `a currency has the minor digits of ISO 4217`(code: String, digits: Int) throws {
        #expect(try Currency(code: code).minorDigits == digits)
    }

    @Test(arguments: ["", "XXX", "cny", "CN", "CNYY", "人民币", "CNY "])
    func `an unknown currency is refused`(code: String) {
        #expect(throws: ArithmeticRefusal.malformed) { try Currency(code: code) }
    }

    @Test func `every currency has three letters`() {
        for currency in Currency.allCases {
            #expect(currency.rawValue.count == 3)
            #expect(currency.rawValue.allSatisfy { ("A"..."Z").contains($0) })
        }
    }

    @Test func `what is printed reads back as the same money in every currency`() throws {
        var dice = Dice()
        for currency in Currency.allCases {
            for _ in 0..<300 {
                let money = Money(minor: dice.anyNumber(), currency)
                if try Money(decimal: money.decimal, currency) != money {
                    Issue.record("\(money), \(dice.note)")
                }
            }
        }
    }

    @Test func `a text with more digits than the currency has is refused`() throws {
        #expect(try Money(decimal: "12.3", .cny).minor == 1230)
        #expect(throws: ArithmeticRefusal.outOfRange) { try Money(decimal: "12.345", .cny) }
        #expect(throws: ArithmeticRefusal.outOfRange) { try Money(decimal: "1.0", .jpy) }
        #expect(throws: ArithmeticRefusal.overflow) {
            try Money(decimal: "92233720368547758.08", .cny)
        }
        #expect(throws: ArithmeticRefusal.overflow) {
            try Money(decimal: "9223372036854775807", .kwd)
        }
    }

    @Test func `currencies never mix`() {
        let yuan = Money(minor: 1, .cny)
        let yen = Money(minor: 1, .jpy)
        #expect(throws: ArithmeticRefusal.currencyMixed) { try yuan + yen }
        #expect(throws: ArithmeticRefusal.currencyMixed) { try yuan - yen }
    }

    @Test func `an overflow is refused`() {
        let most = Money(minor: .max, .cny)
        let least = Money(minor: .min, .cny)
        let one = Money(minor: 1, .cny)
        #expect(throws: ArithmeticRefusal.overflow) { try most + one }
        #expect(throws: ArithmeticRefusal.overflow) { try least - one }
        #expect(throws: ArithmeticRefusal.overflow) { try least.negated() }
        #expect(throws: ArithmeticRefusal.overflow) {
            try most.times(try Percent(decimal: "200"), rounding: .down)
        }
    }

    @Test func `a difference undoes a sum`() throws {
        var dice = Dice()
        for _ in 0..<2_000 {
            let a = Money(minor: dice.anyNumber(), .eur)
            let b = Money(minor: dice.anyNumber(), .eur)
            guard let sum = try? a + b else { continue }
            if try sum - b != a { Issue.record("\(a) and \(b), \(dice.note)") }
        }
    }

    @Test func `tax by line and by document are the figures of the acceptance vectors`() throws {
        // 16 × 348.35, less 4 %, plus 22 %: 6527.80 on the whole, 6527.81 line by line.
        let line = try Money(decimal: "348.35", .eur)
        let gross = try line.times(try Ratio(16), rounding: .exact)
        let net = try gross.times(try Percent(decimal: "96"), rounding: .halfUp)
        let tax = try net.times(try Percent(decimal: "22"), rounding: .halfUp)
        #expect(try (net + tax).decimal == "6527.81")
        let whole = try Ratio(96, 100) * Ratio(122, 100)
        #expect(try gross.times(whole, rounding: .halfUp).decimal == "6527.80")
        // 55.55 and 11.11 at 23 %: 15.34 by line, 15.33 by document.
        let rate = try Percent(decimal: "23")
        let lines = [try Money(decimal: "55.55", .eur), try Money(decimal: "11.11", .eur)]
        let taxes = try lines.map { try $0.times(rate, rounding: .halfUp) }
        #expect(try (taxes[0] + taxes[1]).decimal == "15.34")
        let together = try lines[0] + lines[1]
        #expect(try together.times(rate, rounding: .halfUp).decimal == "15.33")
    }

    @Test func `a unit price times a quantity is money of the same currency`() throws {
        let price = try UnitPrice(decimal: "0.0035", .cny)
        #expect(price.micro == 3500)
        let quantity = try Quantity(decimal: "1000.500")
        #expect(try price.times(quantity, rounding: .halfUp).decimal == "3.50")
        #expect(try price.times(quantity, rounding: .up).decimal == "3.51")
        #expect(throws: ArithmeticRefusal.inexact) { try price.times(quantity, rounding: .exact) }
        let yen = try UnitPrice(decimal: "12.5", .jpy)
        #expect(try yen.times(try Quantity(decimal: "3"), rounding: .halfEven).minor == 38)
        let dinar = try UnitPrice(decimal: "1.234567", .kwd)
        #expect(try dinar.times(try Quantity(decimal: "2.5"), rounding: .down).decimal == "3.086")
    }

    @Test func `the dearest price of the largest quantity is refused, not trapped`() throws {
        let price = UnitPrice(micro: .max, .cny)
        let most = try Quantity(units: .max, scale: 0)
        #expect(throws: ArithmeticRefusal.overflow) { try price.times(most, rounding: .halfUp) }
        let least = try Quantity(units: .min, scale: 0)
        #expect(throws: ArithmeticRefusal.overflow) {
            try UnitPrice(micro: .min, .jpy).times(least, rounding: .halfEven)
        }
    }

    @Test func `prices and percents print what they read`() throws {
        var dice = Dice()
        for _ in 0..<1_000 {
            let price = UnitPrice(micro: dice.anyNumber(), .cny)
            let percent = Percent(ppm: dice.anyNumber())
            let samePrice = try UnitPrice(decimal: price.decimal, .cny) == price
            let samePercent = try Percent(decimal: percent.decimal) == percent
            if !samePrice || !samePercent { Issue.record("\(price), \(percent), \(dice.note)") }
        }
        #expect(try Percent(decimal: "6.5").ppm == 65_000)
        #expect(throws: ArithmeticRefusal.outOfRange) { try Percent(decimal: "6.54321") }
        #expect(throws: ArithmeticRefusal.overflow) {
            try Percent(ppm: .max) + Percent(ppm: 1)
        }
        #expect(throws: ArithmeticRefusal.overflow) {
            try Percent(ppm: .min) - Percent(ppm: 1)
        }
    }
}
