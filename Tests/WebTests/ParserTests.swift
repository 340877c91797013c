// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import Web

/// The readers of what comes from outside, fed with what a hostile client makes of good and bad
/// examples: bytes changed, cut, doubled, joined. A trap would end the tests. More with
/// `SLUICE_MUTATIONS=N`; a failing run prints its seed.
@Suite struct ParserTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["SLUICE_MUTATIONS"].flatMap { Int($0) } ?? 20_000

    private static let targets = [
        "/", "/api/v1/items/itm-1?limit=5&after=aQABMQ", "/ui/catalog/item.html?id=itm-1",
        "/%E4%BD%A0/b%20c?x=%1D&y=+", "/a/../b", "/.%2E/%2e", "/%00", "/%c0%af", "/a%2fb//", "*",
        "http://box/", "/?&&=&a==b&%61=%", "/\u{e9}", "/a#b", "/%", "/%4", "/?%zz",
    ]
    private static let hosts = [
        "localhost", "box.local.", "127.0.0.1:8080", "[::1]:80", "[fe80::1%25eth0]",
        "[::ffff:1.2.3.4]",
        "1.2.3.4.5", "[", "[]", "[:", "]:", ":", ":80", "a:b", "a:999999", "@", "::1", ".", "..",
        "a..b",
    ]
    private static let documents = [
        #"{"a":1,"b":[true,null,-1.5e10,"\u00e9\ud83d\ude00\n"],"c":{"d":{}}}"#, "[]", "\"\"", "0",
        "-0", "1e400", "9223372036854775808", "{\"a\":1,\"a\":2}", "[[[[[[[[]]]]]]]]", "\u{feff}{}",
        #""\ud800""#, #"{"a":}"#, "nul", "tru", #"["#, #"{""#, #""\u12"#, "[1,]", "01", "1.", ".5",
    ]
    private static let fields = [
        "Content-Length: 3", "content-length: +3", "Transfer-Encoding: chunked", "Host: localhost",
        "Content-Length: 999999999999999999", "Transfer-Encoding: xchunked", "X: \u{1}", ": x",
        "a b: c",
        "Cookie: sluice_session=a; b=c", "Accept-Language: en;q=0.5,zh;q=2,*",
    ]

    /// Calls `look` with the seeds and with what becomes of them.
    private func mutate(
        _ seeds: [String], _ look: ([UInt8], _ seed: UInt64) -> Void
    ) {
        let seed = UInt64.random(in: .min ... .max)
        var dice = Chance(state: seed)
        let examples = seeds.map { Array($0.utf8) }
        for example in examples {
            for count in 0...example.count { look(Array(example.prefix(count)), seed) }
        }
        for _ in 0..<Self.rounds {
            var bytes = examples[Int.random(in: 0..<examples.count, using: &dice)]
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                change(&bytes, examples, &dice)
            }
            look(bytes, seed)
        }
    }

    private func change(_ bytes: inout [UInt8], _ others: [[UInt8]], _ dice: inout Chance) {
        let place = Int.random(in: 0...bytes.count, using: &dice)
        switch Int.random(in: 0..<6, using: &dice) {
        case 0 where place < bytes.count:
            bytes[place] = UInt8.random(in: .min ... .max, using: &dice)
        case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
        case 2: bytes.insert(UInt8.random(in: .min ... .max, using: &dice), at: place)
        case 3 where place < bytes.count: bytes.removeSubrange(place...)
        case 4: bytes.insert(contentsOf: bytes.prefix(40), at: place)
        default:
            let other = others[Int.random(in: 0..<others.count, using: &dice)]
            bytes = Array(bytes[..<place]) + other.suffix(Int.random(in: 0...8, using: &dice))
        }
    }

    @Test func `no target brings its reader down, and none that is taken leads upwards`() {
        mutate(Self.targets) { bytes, seed in
            guard let target = try? TargetReader(bytes) else { return }
            #expect(!target.segments.contains(".."), "seed \(seed)")
            #expect(!target.segments.contains("."), "seed \(seed)")
            let texts = target.segments + target.query.flatMap { [$0.name, $0.value] }
            #expect(!texts.contains { $0.unicodeScalars.contains("\0") }, "seed \(seed)")
            #expect(target.query.count <= QueryReader.pairsMax, "seed \(seed)")
        }
    }

    @Test func `no form brings its reader down`() {
        mutate(Self.targets.map { String($0.drop { $0 != "?" }.dropFirst()) } + ["a=b&c=d"]) {
            bytes, seed in
            guard let pairs = try? QueryReader.pairs(of: bytes[...]) else { return }
            #expect(pairs.count <= QueryReader.pairsMax, "seed \(seed)")
        }
    }

    @Test func `no host brings its reader down, and a name that was read reads as itself`() {
        mutate(Self.hosts) { bytes, seed in
            let text = String(decoding: bytes, as: UTF8.self)
            _ = HostField.address(text)
            guard let name = HostField.name(of: text) else { return }
            #expect(
                !name.contains("/") && !name.contains("@") && !name.contains(" "), "seed \(seed)")
            #expect(name == name.lowercased(), "seed \(seed)")
            if let address = HostField.address(name) {
                #expect(HostField.address(address) == address, "seed \(seed)")
            }
            _ = HostField.plain(text)
        }
    }

    @Test
    func `no document brings its reader down, and one that was read is written and read alike`() {
        mutate(Self.documents) { bytes, seed in
            guard let written = (try? JSON(reading: bytes))?.bytes() else { return }
            // Members are written in the order of their names, so the bytes are compared.
            #expect((try? JSON(reading: written))?.bytes() == written, "seed \(seed)")
        }
    }

    @Test func `no field brings the guard down, and framing that differs is never taken`() {
        mutate(Self.fields) { bytes, seed in
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
            let value = Array(bytes[min(colon + 1, bytes.endIndex)...].drop { $0 == 0x20 })
            var walk = HeaderWalk()
            take(&walk, Array(bytes[..<colon]), value)
            take(&walk, Array("Content-Length".utf8), Array("5".utf8))
            take(&walk, Array("Host".utf8), Array("localhost".utf8))
            let settings = ServerSettings(place: .address("127.0.0.1", port: 0))
            let refusal = "HTTP/1.1".withCString {
                walk.refusal(version: $0, headerBytes: 100, settings: settings, ownAddress: "")
            }
            let name = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
            if ["content-length", "transfer-encoding", "host"].contains(name) {
                #expect(refusal != nil, "seed \(seed)")
            } else if refusal == nil {
                #expect(walk.bodyLength == 5, "seed \(seed)")
            }
            _ = Language.preferred(in: String(decoding: value, as: UTF8.self))
        }
    }

    private func take(_ walk: inout HeaderWalk, _ name: [UInt8], _ value: [UInt8]) {
        name.withUnsafeBufferPointer { name in
            value.withUnsafeBufferPointer { walk.take(name: name, value: $0) }
        }
    }

    /// Numbers that a seed repeats (SplitMix64).
    private struct Chance: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }
}
