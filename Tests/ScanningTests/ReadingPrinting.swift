// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel

@testable import Scanning

/// Shows readings as the vectors write them, and prints element strings, both by other means
/// than the rules use.
enum ReadingPrinting {
    static func shown(_ candidate: CodeCandidate) -> String {
        let facts =
            switch candidate.meaning {
            case .item(let gtin): "gtin=\(gtin)"
            case .sscc(let sscc): "sscc=\(sscc)"
            case .elements(let elements):
                elements.map { "\($0.identifier)=\(shown($0.value))" }.joined(separator: " ")
            case .restricted(let number):
                "prefix=\(number.prefix) body=\(number.body) gtin=0\(number.digits)"
            case .own(.place(let code)): code
            case .own(.command(let command)): command.verb
            case .text(let text): text
            }
        return "\(candidate.symbol.rawValue): \(facts)"
    }

    static func shown(_ value: ElementValue) -> String {
        switch value {
        case .gtin(let gtin): gtin.digits
        case .sscc(let sscc): sscc.digits
        case .location(let text), .key(let text), .digits(let text), .text(let text): text
        case .day(let day): "\(day)"
        case .moment(let moment):
            "\(moment.day)T\(two(moment.hour)):\(two(moment.minute)):\(two(moment.second))"
        case .count(let count): "\(count)"
        case .measure(let quantity, let unit): quantity.decimal + unit
        case .price(let price):
            "\(price.amount)/\(price.decimals)" + (price.currency.map { "@\($0)" } ?? "")
        case .countries(let list, let tail): list.joined(separator: ",") + tail
        }
    }

    /// The text of a printer that chains pairs of identifier and data.
    static func element(_ pairs: [(String, String)], separator: String) -> String {
        var text = ""
        for (index, pair) in pairs.enumerated() {
            text += pair.0 + pair.1
            if index < pairs.count - 1, !endsByItself(pair.0) { text += separator }
        }
        return text
    }

    static func bracketed(_ pairs: [(String, String)]) -> String {
        pairs.map { code, data in
            "(\(code))" + data.replacingOccurrences(of: "(", with: "\\(")
        }.joined()
    }

    private static func endsByItself(_ code: String) -> Bool {
        let two = Int(code.prefix(2)) ?? 99
        return two <= 4 || (11...20).contains(two) || (31...36).contains(two) || two == 41
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// A generator whose sequence a failing test can repeat from its seed.
struct SeededDice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
