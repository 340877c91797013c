// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import Web

private func read(_ text: String) throws -> JSON { try JSON(reading: Array(text.utf8)) }

@Suite struct JSONTests {
    @Test(arguments: [
        ("null", JSON.null), (" true ", .flag(true)), ("-12", .integer(-12)),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .decimal("9223372036854775808")), ("1.50", .decimal("1.50")),
        ("1e3", .decimal("1e3")), ("0.0", .integer(0)), ("-7.000", .integer(-7)),
        ("1.0e1", .decimal("1.0e1")), ("7.001", .decimal("7.001")),
        (#""a\n\"\\\/é""#, .text("a\n\"\\/é")),
        (#""\ud83d\ude00""#, .text("😀")), (#""\u4f60""#, .text("你")), ("[]", .list([])),
        ("{}", .record([])), ("[1,[2]]", .list([.integer(1), .list([.integer(2)])])),
        (#"{"a":{"b":null}}"#, .record([.init("a", .record([.init("b", .null)]))])),
    ])
    func `a document is read as it is written`(_ text: String, _ value: JSON) throws {
        #expect(try read(text) == value)
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "[,1]", #"{"a":1,}"#, #"{"a" 1}"#, "{a:1}", "'a'", "01", "-", "+1",
        "1.", ".5", "1e", "tru", "nul", "NaN", "Infinity", #""a"#, "\"a\u{1}b\"", #""\x""#,
        #""\u12""#, #""\ud83d""#, #""\ud83dx""#, #""\ude00""#, "[1 2]", "1 2", "{} {}", "[1]]",
        "//c\n1", "\u{feff}{}",
    ])
    func `what is no document is refused`(_ text: String) {
        #expect(throws: JSONFault.self) { try read(text) }
    }

    @Test func `a name twice, bad UTF-8, deep nesting and what follows have their own reasons`() {
        func reason(_ bytes: [UInt8]) -> JSONFault.Reason? {
            do throws(JSONFault) {
                _ = try JSON(reading: bytes)
                return nil
            } catch {
                return error.reason
            }
        }
        #expect(reason(Array(#"{"a":1,"a":2}"#.utf8)) == .repeated)
        #expect(reason(Array(#"{"a":1,"\u0061":2}"#.utf8)) == .repeated)
        #expect(reason([0x22, 0xff, 0x22]) == .unreadable)
        #expect(reason(Array("{} x".utf8)) == .trailing)
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(reason(Array(deep.utf8)) == .tooDeep)
        let endless = String(repeating: "[", count: 1_000_000)
        #expect(reason(Array(endless.utf8)) == .tooDeep)
    }

    @Test func `random documents are read as Foundation reads them, and written back the same`()
        throws
    {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = Seeded(state: seed)
        for _ in 0..<500 {
            let value = randomJSON(depth: 0, &random)
            let bytes = value.bytes()
            #expect(try JSON(reading: bytes).bytes() == bytes)
            #expect(try JSON(reading: Array(value.prettyText().utf8)).bytes() == bytes)
            let theirs = try JSONSerialization.jsonObject(
                with: Data(bytes), options: .fragmentsAllowed)
            let again = try JSONSerialization.data(
                withJSONObject: theirs, options: [.fragmentsAllowed, .withoutEscapingSlashes])
            #expect(try JSON(reading: [UInt8](again)).bytes() == bytes)
        }
    }

    @Test func `damaged documents are refused or read, and never end the program`() {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = Seeded(state: seed)
        for _ in 0..<3000 {
            var bytes = randomJSON(depth: 0, &random).bytes()
            for _ in 0...Int.random(in: 0..<3, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            if let value = try? JSON(reading: bytes) {
                #expect((try? JSON(reading: value.bytes())) != nil)
            }
        }
    }

    private func randomJSON(depth: Int, _ random: inout Seeded) -> JSON {
        switch Int.random(in: 0..<(depth > 3 ? 4 : 6), using: &random) {
        case 0: return .null
        case 1: return .flag(.random(using: &random))
        case 2: return .integer(Int64.random(in: -1_000_000...1_000_000, using: &random))
        case 3: return .text(randomText(&random))
        case 4:
            return .list(
                (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                    randomJSON(depth: depth + 1, &random)
                })
        default:
            return .record(
                (0..<Int.random(in: 0..<4, using: &random)).map { index in
                    .init("\(index)" + randomText(&random), randomJSON(depth: depth + 1, &random))
                })
        }
    }

    private func randomText(_ random: inout Seeded) -> String {
        let letters: [String] = ["a", "B", "\"", "\\", "/", "\n", "\u{1}", "é", "你", "😀", " ", "0"]
        return (0..<Int.random(in: 0..<6, using: &random))
            .map { _ in letters.randomElement(using: &random) ?? "" }.joined()
    }
}

/// A generator that a printed seed repeats (splitmix64).
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
