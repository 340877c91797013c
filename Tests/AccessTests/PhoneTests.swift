// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel
import Outbox
import SealedStore
import TestKit
import Testing
import Web

@testable import Access

/// Telephones and the gateway: who may set them up, how they are kept, and how they go.
@Suite struct PhoneTests {
    private let lin: ID<User> = ID(1)
    private let number = #"{"number":"\#(Door.number)"}"#

    @Test
    func `a telephone comes after a stronger factor, with a fresh proof, while codes are sent`()
        throws
    {
        let post = Post()
        defer { post.stop() }
        let door = try Door(hatch: post.hatch)
        var session = try door.session(of: lin)
        func begin() throws -> String? {
            try door.send(.post, "session/phone", number, as: &session).code
        }
        #expect(try begin() == "sms.factor_first")
        try door.enrol(lin)
        #expect(try begin() == "sms.off")
        try door.open(false)
        #expect(try begin() == "sms.off")
        try door.open()
        try door.clock.pass(seconds: 300)
        #expect(try begin() == "access.step_up_needed")
        session = try door.session(of: lin)
        let confirm = #"{"code":"287082"}"#
        #expect(
            try door.send(.post, "session/phone/confirmation", confirm, as: &session).code
                == "sms.number_not_begun")
        #expect(post.messages.isEmpty)
        #expect(try begin() == nil)
        // It counts for nothing yet.
        #expect(
            try door.house.send(.get, "/api/v1/users/usr-1").json["factors"]?.elements.count == 1)
        let wrong = #"{"code":"\#(Door.wrong(post.code))"}"#
        let before = try door.head()
        let refused = try door.send(.post, "session/phone/confirmation", wrong, as: &session)
        #expect(refused.code == "sms.code_wrong", "\(refused.text)")
        #expect(try door.house.told(after: before) == ["access.proof_refused"])
        let head = try door.head()
        let right = #"{"code":"\#(post.code)"}"#
        #expect(
            try door.send(.post, "session/phone/confirmation", right, as: &session).status == 200)
        #expect(try door.house.told(after: head) == ["access.factor_added"])
        #expect(try begin() == "sms.number_taken")
        let own = try door.send(.get, "session/factors", as: &session)
        #expect(own.json["phone"]?["lastDigits"]?.text == "123")
        #expect(own.json["messages"] == .flag(true))
        let user = try door.house.send(.get, "/api/v1/users/usr-1")
        #expect(user.json["factors"]?.elements.map(\.text) == ["totp", "sms"])
    }

    @Test func `number, code and secret stand nowhere in clear, the journal included`() throws {
        let post = Post()
        defer { post.stop() }
        let door = try Door(hatch: post.hatch)
        try door.enrol(lin)
        try door.open()
        try door.addPhone(lin, post)
        let confirming = post.code
        #expect(try door.sendCode(try door.ticket("Lin")).status == 201)
        for text in [
            Door.number, "1632960123", "s3cr3t-key", "\"\(post.code)\"", "\"\(confirming)\"",
        ] {
            #expect(try door.house.places(of: text) == [], "\(text)")
        }
        for path in ["sms-gateway", "journal?limit=200", "users", "errands"] {
            let answer = try door.house.send(.get, "/api/v1/\(path)")
            #expect(answer.status == 200)
            for text in ["1632960", "s3cr3t", post.code] {
                #expect(!answer.text.contains(text), "\(path): \(text)")
            }
        }
    }

    @Test func `without a stronger factor the telephone goes, too`() throws {
        let post = Post()
        defer { post.stop() }
        let door = try Door(hatch: post.hatch)
        try door.enrol(lin)
        try door.open()
        try door.addPhone(lin, post)
        var session = try door.session(of: lin)
        let head = try door.head()
        #expect(try door.send(.delete, "session/totp", as: &session).status == 204)
        #expect(
            try door.house.told(after: head) == ["access.factor_removed", "access.factor_removed"])
        #expect(try door.house.store.read { try $0.phone(of: lin) } == nil)
        #expect(try door.house.store.read { try $0.sentCode(of: lin) } == nil)
        #expect(try door.signIn("Lin").json["user"]?["name"]?.text == "Lin")
    }

    @Test func `a telephone does not stand in for the factor that a role demands`() throws {
        let post = Post()
        defer { post.stop() }
        let door = try Door(hatch: post.hatch)
        try door.enrol(lin)
        try door.open()
        try door.addPhone(lin, post)
        try door.house.store.write {
            try setRole(.owner, needsFactor: true, by: TestHouse.root, in: $0)
        }
        var session = try door.session(of: lin)
        #expect(try door.send(.delete, "session/totp", as: &session).code == "factor.last")
        let user = try door.house.store.read { try require(lin, in: $0) }
        let only = User(
            id: user.id, name: user.name, state: user.state, language: user.language,
            createdAt: user.createdAt, lastSignInAt: nil, edition: 1, oneTimeUntil: nil,
            factors: [.sms])
        #expect(standing(of: only, mustHaveFactor: true) == .mustEnrol)
        #expect(standing(of: user, mustHaveFactor: true) == .full)
    }

    @Test(arguments: ["removed", "reset", "rescued"])
    func `a telephone that is taken away takes its open code along`(_ how: String) throws {
        let post = Post()
        defer { post.stop() }
        let door = try Door(hatch: post.hatch)
        try door.enrol(lin)
        try door.open()
        try door.addPhone(lin, post)
        let ticket = try door.ticket("Lin")
        #expect(try door.sendCode(ticket).status == 201)
        switch how {
        case "removed":
            var session = try door.session(of: lin)
            #expect(try door.send(.delete, "session/phone", as: &session).status == 204)
            #expect(
                try door.send(.delete, "session/phone", as: &session).code == "sms.number_missing")
        case "reset":
            #expect(
                try door.house.send(.post, "/api/v1/users/usr-1/factor-reset", json: "{}").status
                    == 200)
        default:
            let password = try #require(goodHash)
            try door.house.store.write {
                _ = try rescue(named: "Lin", with: password, by: TestHouse.root, in: $0)
            }
        }
        #expect(try door.house.store.read { try $0.phone(of: lin) } == nil)
        #expect(try door.house.store.read { try $0.sentCode(of: lin) } == nil)
        #expect(try door.finish(ticket, sent: post.code).status != 201)
    }

    @Test func `numbers and the gateway are sealed anew when the key changes`() throws {
        let post = Post()
        defer { post.stop() }
        let door = try Door(hatch: post.hatch)
        try door.enrol(lin)
        try door.open()
        try door.addPhone(lin, post)
        let other = try FieldSealer(try RootKey.random())
        try door.house.store.write { tx in
            // As a copy of the books is before its fields are sealed anew.
            let form = try tx.fields.open(
                try #require(try tx.gateway()).sealed, for: gatewayPlace)
            try tx.resealGateway(other.seal(form, for: gatewayPlace))
            try tx.resealPhone(
                other.seal(Array(Door.number.utf8), for: phonePlace(lin)), of: lin)
            tx.markTold()
        }
        #expect(throws: StoreFault.self) {
            try door.house.store.read { try knownGateway(in: $0) }
        }
        try door.house.store.write { tx in
            try resealMessaging(from: other, in: tx)
            tx.markTold()
        }
        let ticket = try door.ticket("Lin")
        #expect(try door.sendCode(ticket).status == 201)
        #expect(post.messages.last?.number == Door.number)
        #expect(try door.finish(ticket, sent: post.code).status == 201)
    }

    // MARK: The gateway

    @Test func `the gateway is off until somebody sets it, and its secret never comes back`() throws
    {
        let door = try Door()
        let before = try door.house.send(.get, "/api/v1/sms-gateway")
        #expect(before.json["on"] == .flag(false) && before.json["set"] == .flag(false))
        let head = try door.head()
        try door.open()
        #expect(try door.house.told(after: head) == ["access.gateway_changed"])
        let after = try door.house.send(.get, "/api/v1/sms-gateway")
        #expect(after.json["on"] == .flag(true) && after.json["hasSecret"] == .flag(true))
        #expect(after.json["secret"] == nil)
    }

    /// What is put in the place of a part of the settings, and whether the secret is still there.
    @Test(arguments: [
        ("/messages", "/other", true), ("sms.example.org", "sms2.example.org", false),
        ("https://sms.example.org", "https://sms.example.org:8443", false),
        ("https://sms.example.org", "http://10.0.0.1", false),
    ])
    func `a secret is kept for the machine that it was meant for`(
        _ part: String, _ other: String, _ isKept: Bool
    ) throws {
        let door = try Door()
        try door.open()
        let json = Door.gateway(secret: nil).replacing(part, with: other)
        let answer = try door.house.send(.put, "/api/v1/sms-gateway", json: json)
        #expect(answer.status == (isKept ? 200 : 422))
        if !isKept { #expect(answer.json["errors"]?[0]?["pointer"]?.text == "/secret") }
    }

    @Test func `a gateway without use for a secret forgets it`() throws {
        let door = try Door()
        try door.open()
        let json = Door.gateway(secret: nil).replacing(
            #""header":"Authorization""#, with: #""header":null"#)
        let answer = try door.house.send(.put, "/api/v1/sms-gateway", json: json)
        #expect(answer.json["hasSecret"] == .flag(false))
    }

    @Test(arguments: [
        ("https://sms.example.org", "http://sms.example.org", "/address"),
        (#"\"{to}\""#, #"\"to\""#, "/template"), ("Authorization", "Host", "/header"),
        ("Bearer s3cr3t-key", "käse", "/secret"),
    ])
    func `what is wrong with a gateway stands at its field`(
        _ part: String, _ other: String, _ pointer: String
    ) throws {
        let door = try Door()
        let json = Door.gateway().replacing(part, with: other)
        #expect(json != Door.gateway())
        let answer = try door.house.send(.put, "/api/v1/sms-gateway", json: json)
        #expect(answer.code == "sms.field_wrong")
        #expect(answer.json["errors"]?[0]?["pointer"]?.text == pointer)
    }

    @Test(arguments: [
        (Outcome.done(.sent), String?.none), (.undone(.busy, text: "b"), "sms.gateway_away"),
        (.undone(.unreachable, text: "u"), "sms.gateway_away"),
        (.undone(.timedOut, text: "t"), "sms.gateway_away"),
        (.undone(.credentialsRefused, text: "c"), "sms.gateway_refused"),
        (.undone(.refused, text: "r"), "sms.gateway_refused"),
        (.undone(.certificateRefused, text: "z"), "sms.gateway_refused"),
        (.undone(.answerUnreadable, text: "a"), "sms.gateway_refused"),
    ])
    func `a test goes the way of a code and says how it went, also while codes are off`(
        _ outcome: Outcome, _ code: String?
    ) throws {
        let post = Post()
        defer { post.stop() }
        let door = try Door(hatch: post.hatch)
        func test() throws -> Answer {
            try door.house.send(.post, "/api/v1/sms-gateway/tests", json: number)
        }
        #expect(try test().code == "sms.unset")
        try door.open(false)
        post.answer(outcome)
        let answer = try test()
        #expect(answer.code == code)
        #expect(post.messages.map(\.number) == [Door.number])
        if case .undone(_, let text) = outcome {
            #expect(answer.json["parameters"]?["reason"]?.text == text)
        }
    }

    @Test func `who may not manage people neither sees nor changes the gateway`() throws {
        let door = try Door()
        let wang = try door.person("Wang", .support)
        var session = try door.session(of: wang)
        #expect(try door.send(.get, "sms-gateway", as: &session).status == 403)
        #expect(try door.send(.put, "sms-gateway", Door.gateway(), as: &session).status == 403)
        #expect(try door.send(.post, "sms-gateway/tests", number, as: &session).status == 403)
        var owner = try door.session(of: lin)
        try door.clock.pass(seconds: 300)
        for (method, path, json) in [
            (Web.Method.put, "sms-gateway", Door.gateway()), (.post, "sms-gateway/tests", number),
        ] {
            #expect(try door.send(method, path, json, as: &owner).code == "access.step_up_needed")
        }
    }
}
