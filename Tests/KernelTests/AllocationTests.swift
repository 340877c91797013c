// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

struct AllocationTests {
    @Test(
        arguments: [
            (100, [1, 1, 1], [34, 33, 33]), (3000, [9900, 4950, 990], [1875, 938, 187]),
            (1000, [3333, 3333, 3334], [333, 333, 334]), (-100, [1, 1, 1], [-34, -33, -33]),
            (0, [5, 3], [0, 0]), (7, [0, 1, 0], [0, 7, 0]), (2, [1, 1, 1], [1, 1, 0]),
            (1, [0, 0, 1], [0, 0, 1]), (Int64.min, [1], [Int64.min]), (Int64.max, [1], [Int64.max]),
            (5, [Int64.max, Int64.max], [3, 2]),
        ] as [(Int64, [Int64], [Int64])])
    func `the largest remainders take what is left, ties by order`(
        total: Int64, weights: [Int64], parts: [Int64]
    ) throws {
        #expect(try Money(minor: total, .cny).allocated(over: weights).map(\.minor) == parts)
        let quantity = try Quantity(units: total, scale: 3)
        #expect(try quantity.allocated(over: weights).map(\.units) == parts)
    }

    @Test(arguments: [[], [0], [0, 0, 0]] as [[Int64]])
    func `weights without a sum are refused`(weights: [Int64]) {
        #expect(throws: ArithmeticRefusal.divisionByZero) {
            try Money(minor: 100, .cny).allocated(over: weights)
        }
    }

    @Test func `a negative weight is refused`() throws {
        #expect(throws: ArithmeticRefusal.outOfRange) {
            try Money(minor: 100, .cny).allocated(over: [2, -1])
        }
    }

    @Test func `the parts always sum to the whole and lie next to their share`() throws {
        var dice = Dice()
        for _ in 0..<2_000 {
            let total = dice.anyNumber()
            let count = dice.number(1...12)
            let weights = (0..<count).map { _ in
                dice.number(0...3) == 0 ? 0 : dice.number(0...Int64.max >> dice.number(0...60))
            }
            let whole = weights.reduce(Int128(0)) { $0 + Int128($1) }
            guard whole > 0 else { continue }
            let parts = try Quantity(units: total, scale: 2).allocated(over: weights).map(\.units)
            let sum = parts.reduce(Int128(0)) { $0 + Int128($1) }
            let isNear = zip(parts, weights).allSatisfy { part, weight in
                let share = (Int128(total.magnitude) * Int128(weight)) / whole
                let size = Int128(part.magnitude)
                return size == share || (size == share + 1 && weight > 0)
            }
            let keepsSign = parts.allSatisfy { $0 == 0 || ($0 < 0) == (total < 0) }
            if sum != Int128(total) || !isNear || !keepsSign || parts.count != weights.count {
                Issue.record("\(total) over \(weights) gave \(parts), \(dice.note)")
            }
        }
    }

    @Test func `a larger weight never gets less`() throws {
        var dice = Dice()
        for _ in 0..<1_000 {
            let weights = (0..<dice.number(2...8)).map { _ in dice.number(1...1_000) }
            let parts = try Money(minor: dice.number(0...100_000), .cny).allocated(over: weights)
            let pairs = zip(weights, parts.map(\.minor)).sorted { $0 < $1 }
            let isMonotone = zip(pairs, pairs.dropFirst()).allSatisfy {
                $0.0.0 == $0.1.0 || $0.0.1 <= $0.1.1
            }
            if !isMonotone { Issue.record("\(weights) gave \(parts), \(dice.note)") }
        }
    }

    @Test func `a discount spread over lines is given back to the unit line by line`() throws {
        let discount = try Money(decimal: "-1.00", .cny)
        let lines = [try Money(decimal: "6.00", .cny), try Money(decimal: "4.00", .cny)]
        let shares = try discount.allocated(over: lines.map(\.minor))
        #expect(try (lines[0] + shares[0]).decimal == "5.40")
        #expect(try (lines[1] + shares[1]).decimal == "3.60")
    }
}
