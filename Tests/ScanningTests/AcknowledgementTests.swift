// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import ModuleKit
import SealedStore
import TestKit
import Testing
import Web

@testable import Scanning

/// What a client keeps of an answer, by which it notices books that were put back.
@Suite struct AcknowledgementTests {
    private func mark(_ answer: Answer) -> String? {
        answer.response.header("sluice-acknowledged")
    }

    private func number(_ mark: String) -> Int64 {
        Int64(mark.prefix { $0 != "-" }) ?? -1
    }

    private func last(_ mark: String) -> [(String, String)] {
        [("Sluice-Last-Acknowledged", mark)]
    }

    @Test func `every scan is acknowledged with a number that only grows`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: "6901234567892")
        var before: String?
        for task in ["receive", "look", "receive", "ship"] {
            let answer = try gun.scan(
                task, "6901234567892", headers: before.map { last($0) } ?? [])
            #expect(answer.status == 200)
            let after = try #require(mark(answer))
            if let before {
                #expect(task == "look" ? after == before : number(after) > number(before))
            }
            before = after
        }
        let head = try gun.house.store.read { try $0.journalHead() }
        #expect(before.map { number($0) } == head)
    }

    @Test func `a client that knows more than the books is told, and nothing moves`() throws {
        let gun = try Gun()
        let tea = try gun.house.goods("TEA", barcode: "6901234567892")
        let known = try #require(mark(try gun.scan("receive", "6901234567892")))
        let later = "\(number(known) + 1)-0123456789abcdef"
        let refused = try gun.scan("receive", "6901234567892", headers: last(later))
        #expect(refused.status == 409 && refused.code == "store.behind")
        #expect(refused.json["parameters"]?["found"]?.integer == number(known))
        #expect(refused.json["parameters"]?["acknowledged"]?.integer == number(known) + 1)
        #expect(try gun.house.level(of: tea, at: gun.bin) == "1")
        #expect(try gun.scan("receive", "6901234567892", headers: last(known)).status == 200)
        #expect(try gun.house.level(of: tea, at: gun.bin) == "2")
    }

    @Test func `books that have gone on another way are noticed although they are long enough`()
        throws
    {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: "6901234567892")
        let known = try #require(mark(try gun.scan("receive", "6901234567892")))
        for _ in 0..<3 { _ = try gun.scan("receive", "6901234567892") }
        let other = "\(number(known))-" + String(repeating: "0", count: 16)
        #expect(try gun.scan("look", "6901234567892", headers: last(other)).code == "store.behind")
        #expect(try gun.scan("look", "6901234567892", headers: last(known)).status == 200)
    }

    @Test func `what is no acknowledgement is refused`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: "6901234567892")
        let proof = "0123456789abcdef"
        for text in [
            "x", "7", "-7-\(proof)", "1.5-\(proof)", "9999999999999999999-\(proof)",
            "7-0123", "7-\(proof)0", "7-0123456789ABCDEF", "-\(proof)",
        ] {
            let answer = try gun.scan("receive", "6901234567892", headers: last(text))
            #expect(answer.code == "scan.acknowledged_malformed", "\(text)")
        }
    }

    @Test func `practice books neither acknowledge nor look`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: "6901234567892")
        try gun.house.store.write { tx in
            try tx.setSite(Site(name: "Northbank", timeZone: "Asia/Shanghai", isPractice: true))
            tx.markTold()
        }
        let answer = try gun.scan(
            "receive", "6901234567892", headers: last("999999-0123456789abcdef"))
        #expect(answer.status == 200)
        #expect(mark(answer) == nil)
    }
}
