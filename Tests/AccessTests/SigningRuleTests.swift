// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Secrets
import TestKit
import Testing

@testable import Access

@Suite struct SigningRuleTests {
    private static let mac = String(repeating: "0a", count: 32)

    @Test(arguments: [
        "Sluice-MAC device=dev-7, sequence=42, time=1764384000, mac=\(mac)",
        "sluice-mac device=dev-7,sequence=42,time=1764384000,mac=\(mac)",
        "SLUICE-MAC mac=\(mac) ,  time=1764384000, sequence=42,\tdevice=dev-7",
    ])
    func `a mark is read in any order and with any spaces`(field: String) throws {
        let mark = try #require(SignatureMark(field))
        #expect(mark.device == ID(7))
        #expect((mark.sequence, mark.seconds) == (42, 1_764_384_000))
        #expect(mark.mac == Self.mac)
    }

    @Test(arguments: [
        "Sluice-MAC", "Sluice-MAC ", "Bearer x", "Sluice-MACdevice=dev-7",
        "Sluice-MAC device=dev-7, sequence=42, time=1, mac=\(mac), mac=\(mac)",
        "Sluice-MAC device=dev-7, sequence=42, time=1",
        "Sluice-MAC device=dev-7, sequence=42, time=1, mac=\(mac), more=1",
        "Sluice-MAC device=dev-07, sequence=42, time=1, mac=\(mac)",
        "Sluice-MAC device=usr-7, sequence=42, time=1, mac=\(mac)",
        "Sluice-MAC device=dev-0, sequence=42, time=1, mac=\(mac)",
        "Sluice-MAC device=dev-7, sequence=0, time=1, mac=\(mac)",
        "Sluice-MAC device=dev-7, sequence=-1, time=1, mac=\(mac)",
        "Sluice-MAC device=dev-7, sequence=+1, time=1, mac=\(mac)",
        "Sluice-MAC device=dev-7, sequence=042, time=1, mac=\(mac)",
        "Sluice-MAC device=dev-7, sequence=9007199254740992, time=1, mac=\(mac)",
        "Sluice-MAC device=dev-7, sequence=99999999999999999999, time=1, mac=\(mac)",
        "Sluice-MAC device=dev-7, sequence=42, time=-1, mac=\(mac)",
        "Sluice-MAC device=dev-7, sequence=42, time=1.5, mac=\(mac)",
        "Sluice-MAC device=dev-7, sequence=42, time=1, mac=\(mac.uppercased())",
        "Sluice-MAC device=dev-7, sequence=42, time=1, mac=\(mac)0",
        "Sluice-MAC device=dev-7, sequence=42, time=1, mac=\(mac.dropLast())",
        "Sluice-MAC device=dev-7, sequence=42, time=1, mac=\"\(mac)\"",
        "Sluice-MAC device=dev-7,, sequence=42, time=1, mac=\(mac)",
        "Sluice-MAC device, sequence=42, time=1, mac=\(mac)",
    ])
    func `a mark in any other form is none`(field: String) {
        #expect(SignatureMark(field) == nil)
    }

    @Test func `random bytes in the field are refused and never end the process`() {
        var dice = SeededDice()
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...300, using: &dice)
            let bytes = (0..<length).map { _ in UInt8.random(in: 0x20...0x7e, using: &dice) }
            let text = "Sluice-MAC " + String(decoding: bytes, as: UTF8.self)
            #expect(SignatureMark(text) == nil, "seed \(dice.seed)")
        }
    }

    @Test func `no number is taken twice, and all within the window are taken once`() {
        var dice = SeededDice()
        for _ in 0..<200 {
            var window = SequenceWindow()
            var taken: Set<Int64> = []
            var high: Int64 = 0
            for _ in 0..<300 {
                let number = max(1, high + Int64.random(in: -80...8, using: &dice))
                let isNew = !taken.contains(number) && number > high - SequenceWindow.width
                let isTaken = window.take(number)
                #expect(isTaken == isNew, "seed \(dice.seed): \(number), high \(high)")
                if isNew { taken.insert(number) }
                high = max(high, number)
                #expect(window.high == high)
            }
        }
    }

    @Test(arguments: [(0, false), (-1, false), (1, true), (Int64.max, true)] as [(Int64, Bool)])
    func `a window that is new takes any number from one on`(number: Int64, isTaken: Bool) {
        var window = SequenceWindow()
        let first = window.take(number)
        let second = window.take(number)
        #expect(first == isTaken && !second)
    }

    @Test func `a jump of 63, 64 and more forgets no more than it must`() {
        for jump in [62, 63, 64, 65, 1 << 40] as [Int64] {
            var window = SequenceWindow()
            let taken = [10, 10 + jump, 10, 10 + jump - 63, 10 + jump - 64].map { window.take($0) }
            #expect(taken == [true, true, false, jump != 63, false], "\(jump)")
        }
    }

    @Test(
        arguments: [
            (1000, true), (701, true), (700, true), (699, false), (1060, true), (1061, false),
        ] as [(Int64, Bool)])
    func `a clock may be five minutes behind and one ahead`(seconds: Int64, isAllowed: Bool) {
        #expect(ClockRule.allows(seconds, at: 1000, opened: 0) == isAllowed)
    }

    @Test func `what was signed before the books were opened is refused`() {
        #expect(!ClockRule.allows(999, at: 1001, opened: 1000))
        #expect(ClockRule.allows(1000, at: 1001, opened: 1000))
    }
}

@Suite struct TokenRuleTests {
    @Test func `a token's check is right, and wrong after any change of a character`() {
        var dice = SeededDice()
        for _ in 0..<100 {
            let token = newAPIToken()
            #expect(TokenText.isOne(token))
            #expect(token.wholeMatch(of: /slt_[0-9A-HJKMNP-TV-Z]{46}/) != nil)
            var characters = Array(token)
            let place = Int.random(in: 4..<characters.count, using: &dice)
            characters[place] = characters[place] == "7" ? "8" : "7"
            #expect(!TokenText.isOne(String(characters)), "seed \(dice.seed)")
            #expect(!TokenText.isOne(String(token.dropLast())))
        }
        #expect(!TokenText.isOne("") && !TokenText.isOne("slt_"))
    }

    @Test(arguments: [
        ("192.168.1.0/24", "192.168.1.255", true), ("192.168.1.0/24", "192.168.2.0", false),
        ("10.0.0.7", "10.0.0.7", true), ("10.0.0.7", "10.0.0.8", false),
        ("10.0.0.6/31", "10.0.0.7", true), ("0.0.0.0/0", "203.0.113.9", true),
        ("0.0.0.0/0", "fe80::1", false), ("::/0", "fe80::1%eth0", true),
        ("fd00::/8", "fd12:3456::1", true), ("fd00::/8", "fc00::1", false),
        ("2001:db8::/33", "2001:db8:7fff::", true), ("2001:db8::/33", "2001:db8:8000::", false),
        ("10.0.0.0/8", "::ffff:10.9.8.7", true), ("::1", "::1", true),
        ("10.0.0.0/8", "local", false),
    ])
    func `a block holds the addresses that begin like it`(
        block: String, address: String, isInside: Bool
    ) throws {
        #expect(try #require(AddressBlock(block)).contains(address) == isInside)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.1/24",
        "10.0.0", "10.0.0.256", "10.0.0.01", "10.0.0.0/8/8", "::/129", "fd00::1/8", ":::",
        "1::2::3",
        "12345::", "g::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "localhost",
        "10.0.0.0 /8", "٣.0.0.0",
    ])
    func `what is no block is refused`(text: String) {
        #expect(AddressBlock(text) == nil)
    }

    @Test func `a token never has more than its person, nor what asks for a proof`() {
        let codes = ["stock.see", "user.manage", "item.see"]
        let person = Dictionary(
            uniqueKeysWithValues: codes.map { (Permission($0), [Allowance()]) })
        let grant = TokenGrant(
            permissions: ["stock.see", "user.manage", "stock.move"], warehouses: nil,
            addresses: [])
        #expect(
            TokenRule.allowances(grant, of: person) == [Permission("stock.see"): [Allowance()]])
        #expect(TokenRule.grantable(person.keys) == ["stock.see", "item.see"])
    }

    @Test func `a token for some warehouses keeps to its person's rows within them`() {
        let here = Bounds([.warehouse: [1, 2]])
        let person: [Permission: [Allowance]] = [
            Permission("stock.see", .rows): [Allowance(bounds: here)],
            Permission("item.see", .free): [Allowance()],
            Permission("journal.see", .whole): [Allowance()],
        ]
        let grant = TokenGrant(
            permissions: ["stock.see", "item.see", "journal.see"], warehouses: [2, 3],
            addresses: [])
        let held = TokenRule.allowances(grant, of: person)
        #expect(
            held == [
                Permission("stock.see"): [Allowance(bounds: Bounds([.warehouse: [2]]))],
                Permission("item.see"): [Allowance()],
            ])
    }
}

@Suite struct SigningExampleTests {
    private static let page = String(
        decoding: FileManager.default.contents(
            atPath: URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "docs/API-DESIGN.md").path) ?? Data(), as: UTF8.self)

    @Test func `the worked example of the API's page is what the code makes`() throws {
        let secret = "K7QX2M9T4DPA6ZRC8WVB3HNE5JSY0G1F"
        let (code, nonce) = ("7Q2MXK4D9T0A", "f3a94c1b60d27e58")
        let key = HMAC.sha256(EnrolmentRule.keyMessage(nonce: nonce), key: secret)
        let proof = HMAC.sha256(EnrolmentRule.proofMessage(code: code), key: key)
        let back = HMAC.sha256(EnrolmentRule.answerMessage(code: code, device: ID(7)), key: key)
        let zeros = String(repeating: "0", count: 64)
        let blank = try #require(
            SignatureMark("Sluice-MAC device=dev-7, sequence=42, time=1764384000, mac=\(zeros)"))
        let hash = Digest.hex(SHA256Stream.digest(of: Array("6901234567892".utf8)))
        let message = blank.message(
            method: "POST", target: "/api/v1/scans?task=receive&place=A-01",
            mediaType: "text/plain", bodyHash: hash)
        let mac = HMAC.sha256(message, key: key)
        let mark = try #require(
            SignatureMark("Sluice-MAC device=dev-7, sequence=42, time=1764384000, mac=\(mac)"))
        let answer = HMAC.sha256(
            mark.answerMessage(
                status: 200, bodyHash: Digest.hex(SHA256Stream.digest(of: Array("OK 1 pcs".utf8)))),
            key: key)
        for text in [secret, code, nonce, key, proof, back, hash, mac, answer] {
            #expect(Self.page.contains(text), "docs/API-DESIGN.md lacks \(text)")
        }
        for line in message.split(separator: "\n") { #expect(Self.page.contains(line)) }
    }

    /// Source: RFC 4231, test cases 1, 2 and 6.
    @Test(arguments: [
        (
            String(repeating: "\u{0b}", count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "Jefe", "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
    ])
    func `codes are those of RFC 4231`(key: String, message: String, code: String) {
        #expect(HMAC.sha256(message, key: key) == code)
    }
}
