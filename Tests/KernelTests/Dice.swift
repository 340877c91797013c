// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Testing

/// Random numbers that can be had again: a failing test prints the seed, and a run with
/// that seed repeats it.
///
/// Source of the step: SplitMix64 by G. Steele, D. Lea and C. Flood, "Fast splittable pseudorandom
/// number generators", 2014.
struct Dice: RandomNumberGenerator, CustomTestStringConvertible {
    let seed: UInt64
    private var state: UInt64

    /// Without a seed every run throws differently.
    init(seed: UInt64 = UInt64.random(in: 0...UInt64.max)) {
        self.seed = seed
        state = seed
    }

    /// What to say when a test fails.
    var note: Comment { "seed \(seed)" }
    var testDescription: String { "seed \(seed)" }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
        Int64.random(in: range, using: &self)
    }

    /// A whole number of any length, with the limits thrown often.
    mutating func anyNumber() -> Int64 {
        switch number(0...9) {
        case 0: Int64.max - number(0...2)
        case 1: Int64.min + number(0...2)
        case 2: number(-2...2)
        default: Int64(bitPattern: next()) >> number(0...62)
        }
    }

    /// A text with ASCII, control characters, quotes, Chinese and characters of other planes.
    mutating func text(most: Int64 = 24) -> String {
        let scalars: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0x00...0x1F, 0x22...0x22, 0x5C...0x5C, 0x7F...0x9F, 0x4E00...0x9FA5,
            0x2028...0x2029, 0x1F600...0x1F64F, 0xE000...0xFFFF,
        ]
        var text = ""
        for _ in 0..<number(0...most) {
            let range = scalars[Int(number(0...Int64(scalars.count - 1)))]
            let value = UInt32.random(in: range, using: &self)
            if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
        }
        return text
    }
}
