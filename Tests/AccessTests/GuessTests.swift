// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Foundation
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Access

/// Strangers who guess, and the person whose account it is.
@Suite struct GuessTests {
    private static let spellings = [
        "Lin", "lin", "LIN", "lIn", " lin", "lin ", "Ｌｉｎ", "ｌｉｎ", "l\u{200b}in", "LI\u{2060}N",
        "\u{3000}Lin", "li\u{fe0f}n",
    ]

    @Test(arguments: spellings)
    func `every way of writing a name is one name`(_ name: String) {
        #expect(folded(name) == "lin")
    }

    @Test(
        arguments: [
            ("Straße", "strasse"), ("ﬁn", "fin"), ("Ａ  Ｂ", "a b"), ("Ångström", "ÅNGSTRÖM"),
            ("王 小明", "王\u{3000}小明"),
        ])
    func `two names that look alike are one`(_ a: String, _ b: String) {
        #expect(folded(a) == folded(b))
        #expect(folded(folded(a)) == folded(a))
    }

    @Test func `names that are not alike stay apart`() {
        #expect(Set(["Lin", "Lin2", "L in", "Wang", "王"].map(folded)).count == 5)
    }

    @Test(
        arguments: [
            ("10.1.2.3", "10.1.2.3"), ("fe80::1%eth0", "fe80:0:0:0::/64"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("::1", "0:0:0:0::/64"),
            ("2001:db8::5", "2001:db8:0:0::/64"), ("::ffff:10.1.2.3", "::ffff:10.1.2.3"),
            ("local", "local"),
        ])
    func `an address of IPv6 counts as its network`(_ address: String, _ network: String) {
        #expect(AddressRule.network(address) == network)
    }

    private func guess(
        _ door: Door, _ name: String, _ password: String, from address: String,
        lane: String? = nil
    ) throws -> Answer {
        var headers = [
            ("Host", "box"), ("Origin", "http://box"), ("Content-Type", "application/json"),
        ]
        if let lane { headers.append(("Cookie", "sluice_browser=\(lane)")) }
        let head = try RequestHead(
            .post, "/api/v1/session", headers: headers, clientAddress: address)
        let body = JSON.object(["name": .text(name), "password": .text(password)]).bytes()
        let request = Request(head, body: body)
        let response = try #require(
            door.house.house.api.answer(to: request, problems: door.house.problems))
        return Answer(response)
    }

    private func lane(_ answer: Answer) throws -> String {
        let cookies = answer.response.headers.filter { $0.name == "Set-Cookie" }.map(\.value)
        let field = try #require(cookies.first { $0.hasPrefix("sluice_browser=") })
        return String(field.dropFirst("sluice_browser=".count).prefix { $0 != ";" })
    }

    @Test func `of 10,000 guesses in an hour few are looked at, and the person comes in`() throws {
        let door = try Door()
        let known = try guess(door, "Lin", goodPassword, from: "10.0.0.5")
        let lane = try lane(known)
        let before = door.house.house.gate.roles.checks.value
        var dice = SeededDice()
        for number in 0..<10_000 {
            // 10,000 of them fill the hour.
            if number % 25 == 24 { try door.clock.pass(seconds: 9) }
            let name = Self.spellings[Int.random(in: 0..<Self.spellings.count, using: &dice)]
            let answer = try guess(
                door, name, "wrong wrong \(number)",
                from: "10.\(number % 200).\(UInt8.random(in: 0...255, using: &dice)).7")
            #expect([401, 429].contains(answer.status))
        }
        let looked = door.house.house.gate.roles.checks.value - before
        #expect(looked <= 60, "\(looked) reached the hash; seed \(dice.seed)")
        #expect(looked >= 5)
        // Strangers keep the account busy; a browser that is known has a lane of its own.
        #expect(try guess(door, "Lin", goodPassword, from: "10.0.0.9").status == 429)
        #expect(try guess(door, "lin", goodPassword, from: "10.0.0.5", lane: lane).status == 201)
    }

    @Test func `a known browser counts its own failures, and is another's in no other account`()
        throws
    {
        let door = try Door()
        _ = try door.person("Wang", .support)
        let lane = try lane(try guess(door, "Lin", goodPassword, from: "10.0.0.5"))
        for _ in 0..<5 {
            #expect(
                try guess(door, "Lin", "wrong wrong wr", from: "10.0.0.5", lane: lane).status == 401
            )
        }
        #expect(try guess(door, "Lin", goodPassword, from: "10.0.0.5", lane: lane).status == 429)
        // The account itself is not busy: from elsewhere the person comes in.
        #expect(try guess(door, "Lin", goodPassword, from: "10.0.0.6").status == 201)
        for _ in 0..<5 {
            #expect(
                try guess(door, "Wang", "wrong wrong wr", from: "10.0.0.7", lane: lane).status
                    == 401)
        }
        #expect(try guess(door, "Wang", goodPassword, from: "10.0.0.8").status == 429)
    }

    @Test func `a hundred guesses at once are not more than five one after the other`() throws {
        let door = try Door()
        let before = door.house.house.gate.roles.checks.value
        let statuses = StatusList()
        DispatchQueue.concurrentPerform(iterations: 30) { index in
            let answer = try? guess(door, "Lin", "wrong wrong \(index)", from: "10.0.1.\(index)")
            statuses.add(answer?.status ?? 0)
        }
        #expect(statuses.all.allSatisfy { [401, 429, 503].contains($0) })
        #expect(door.house.house.gate.roles.checks.value - before <= 5)
    }

    @Test func `one address with many names waits, too`() throws {
        let door = try Door()
        for number in 0..<20 {
            #expect(
                try guess(door, "nobody\(number)", "wrong wrong wr", from: "10.0.0.5").status == 401
            )
        }
        #expect(try guess(door, "nobody99", "wrong wrong wr", from: "10.0.0.5").status == 429)
        #expect(try guess(door, "nobody99", "wrong wrong wr", from: "10.0.0.6").status == 401)
    }

    @Test func `a known and an unknown name cause the same work`() throws {
        let door = try Door()
        func work(_ name: String) throws -> [Int64] {
            let checks = door.house.house.gate.roles.checks.value
            let (head, throttles) = (try door.head(), try self.throttles(door))
            let answer = try guess(door, name, "wrong wrong wrong", from: "10.0.0.5")
            #expect(answer.code == "session.refused")
            return [
                Int64(door.house.house.gate.roles.checks.value - checks),
                try door.head() - head, try self.throttles(door) - throttles,
            ]
        }
        // The first counts the address as well.
        _ = try work("somebody")
        #expect(try work("Lin") == [1, 1, 1])
        #expect(try work("Nobody") == [1, 1, 1])
    }

    private func throttles(_ door: Door) throws -> Int64 {
        try door.house.store.read { try $0.integer("SELECT count(*) FROM access_throttle") } ?? 0
    }

    @Test func `what strangers make up is remembered up to a limit, what counts for people stays`()
        throws
    {
        let door = try Door()
        try door.house.store.write { tx in
            try takeTry([.account(ID(1))], in: tx)
            for number in 0..<20_001 {
                try tx.setThrottle(.name("n\(number)"), Throttle(failures: 1, until: tx.now))
            }
        }
        try door.clock.pass(seconds: 1)
        try door.house.store.write { try takeTry([.name("new")], in: $0) }
        #expect(try door.house.store.read { try $0.strangers() } == 19_002)
        #expect(try door.house.store.read { try $0.throttle(.account(ID(1))) }?.failures == 1)
        #expect(try door.house.store.read { try $0.throttle(.name("new")) }?.failures == 1)
    }
}
