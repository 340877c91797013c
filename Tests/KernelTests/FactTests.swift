// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

/// JSON as Foundation reads it, to check ours against.
private enum Parsed: Decodable, Equatable {
    case none
    case flag(Bool)
    case integer(Int64)
    case text(String)
    case list([Parsed])
    case record([String: Parsed])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .none
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .integer(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([Parsed].self) {
            self = .list(list)
        } else {
            self = .record(try container.decode([String: Parsed].self))
        }
    }

    init(_ fact: Fact) {
        switch fact {
        case .text(let text): self = .text(text)
        case .integer(let number): self = .integer(number)
        case .flag(let flag): self = .flag(flag)
        case .quantity(let quantity): self = .text(quantity.decimal)
        case .instant(let instant): self = .text(instant.rfc3339)
        case .day(let day): self = .text(day.description)
        case .list(let facts): self = .list(facts.map(Parsed.init))
        case .record(let facts): self = .record(facts.mapValues(Parsed.init))
        case .none: self = .none
        }
    }
}

struct FactTests {
    private func canonical(_ fact: Fact) -> String {
        String(decoding: fact.canonicalJSON, as: UTF8.self)
    }

    @Test func `every kind of fact has one text`() throws {
        #expect(canonical(.none) == "null")
        #expect(canonical(.flag(true)) == "true")
        #expect(canonical(.flag(false)) == "false")
        #expect(canonical(.integer(.min)) == "-9223372036854775808")
        #expect(canonical(.quantity(try Quantity(decimal: "1.250"))) == #""1.250""#)
        #expect(
            canonical(.instant(Instant(microseconds: 0))) == #""1970-01-01T00:00:00.000000Z""#)
        #expect(canonical(.day(try BusinessDay("2026-11-23"))) == #""2026-11-23""#)
        #expect(canonical(.list([])) == "[]")
        #expect(canonical(.record([:])) == "{}")
        #expect(canonical(.list([.integer(1), .none, .list([])])) == "[1,null,[]]")
    }

    @Test func `only what must be escaped is escaped`() {
        #expect(canonical(.text("a\"b\\c/d")) == #""a\"b\\c/d""#)
        #expect(canonical(.text("\u{0}\n\u{1f}\u{7f}")) == "\"\\u0000\\u000a\\u001f\u{7f}\"")
        #expect(canonical(.text("货\u{2028}😀")) == "\"货\u{2028}😀\"")
    }

    @Test func `keys are sorted by their bytes`() {
        // U+FF5E sorts before U+1F600 in UTF-8 but behind it in UTF-16.
        let fact = Fact.record([
            "b": .integer(1), "a": .integer(2), "B": .integer(3), "": .integer(4),
            "aa": .integer(5), "货": .integer(6), "\u{1F600}": .integer(7), "\u{FF5E}": .integer(8),
        ])
        #expect(
            canonical(fact)
                == "{\"\":4,\"B\":3,\"a\":2,\"aa\":5,\"b\":1,"
                + "\"货\":6,\"\u{FF5E}\":8,\"\u{1F600}\":7}"
        )
    }

    @Test func `the same facts always give the same bytes, however they were put together`() {
        var dice = Dice()
        for _ in 0..<200 {
            let pairs = (0..<12).map { ("\(dice.text(most: 4))\($0)", Fact.integer($0)) }
            let one = Fact.record(Dictionary(pairs) { $1 })
            let other = Fact.record(Dictionary(pairs.shuffled(using: &dice)) { $1 })
            if one.canonicalJSON != other.canonicalJSON { Issue.record("\(one), \(dice.note)") }
        }
    }

    @Test func `Foundation reads back what was written`() throws {
        var dice = Dice()
        for _ in 0..<300 {
            let fact = try random(depth: 3, &dice)
            let parsed = try JSONDecoder().decode(Parsed.self, from: Data(fact.canonicalJSON))
            if parsed != Parsed(fact) { Issue.record("\(fact), \(dice.note)") }
        }
    }

    @Test func `a trace tells its steps in order`() {
        var trace = Trace()
        trace.add(.init(rule: "price.base", version: 1, input: .integer(2), effect: .integer(3)))
        trace.add(.init(rule: "price.tier", version: 4, input: .none, effect: .flag(true)))
        #expect(trace.steps.map(\.rule) == ["price.base", "price.tier"])
        #expect(
            canonical(trace.fact)
                == #"[{"effect":3,"input":2,"rule":"price.base","version":1},"#
                + #"{"effect":true,"input":null,"rule":"price.tier","version":4}]"#)
    }

    private func random(depth: Int, _ dice: inout Dice) throws -> Fact {
        switch dice.number(0...(depth > 0 ? 8 : 6)) {
        case 0: return .integer(dice.anyNumber())
        case 1: return .flag(dice.number(0...1) == 1)
        case 2:
            return .quantity(
                try Quantity(units: dice.anyNumber(), scale: Int(dice.number(0...6))))
        case 3: return .instant(Instant(microseconds: dice.number(0...253_402_300_799_999_999)))
        case 4: return .day(try BusinessDay("1970-01-01").adding(days: dice.number(0...50_000)))
        case 5: return .none
        case 6: return .text(dice.text())
        case 7:
            return .list(
                try (0..<dice.number(0...5)).map { _ in try random(depth: depth - 1, &dice) })
        default:
            var facts: [String: Fact] = [:]
            for _ in 0..<dice.number(0...5) {
                facts[dice.text(most: 6)] = try random(depth: depth - 1, &dice)
            }
            return .record(facts)
        }
    }
}
