// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Foundation
import Kernel
import ModuleKit
import Outbox
import SealedStore
import Secrets
import TestKit
import Testing
import Web

@testable import Access

/// Signing in by a code that goes to a telephone.
@Suite struct MessageSignInTests {
    private let lin: ID<User> = ID(1)

    /// A house that sends codes, and somebody with an app and a telephone.
    private func furnished() throws -> (Door, Post) {
        let post = Post()
        let door = try Door(hatch: post.hatch)
        try door.enrol(lin)
        try door.open()
        try door.addPhone(lin, post)
        return (door, post)
    }

    @Test func `a code opens the door once, beside the password`() throws {
        let (door, post) = try furnished()
        defer { post.stop() }
        let answer = try door.signIn("Lin")
        #expect(answer.json["factors"]?.elements.map(\.text) == ["totp", "sms"])
        #expect(answer.json["phone"]?["lastDigits"]?.text == "123")
        #expect(!answer.text.contains("1632960"))
        let ticket = try #require(answer.json["ticket"]?.text)
        let head = try door.head()
        let sent = try door.sendCode(ticket)
        #expect(sent.status == 201 && sent.json["seconds"]?.integer == 300)
        let message = try #require(post.messages.last)
        #expect(message.number == Door.number)
        #expect(message.until == door.clock.now().microseconds / 1_000_000 + 300)
        #expect(try door.finish(ticket, sent: Door.wrong(post.code)).code == "sms.code_wrong")
        let code = post.code
        let opened = try door.finish(ticket, sent: code)
        #expect(opened.status == 201)
        #expect(
            try door.house.told(after: head) == [
                "access.message_sent", "access.sign_in_refused", "access.signed_in",
            ])
        let session = TestHouse.Sender.session(try #require(opened.session))
        let own = try door.house.send(.get, "/api/v1/sessions", as: session)
        #expect(own.json["items"]?[0]?["way"]?.text == "sms")
        // Neither for this sign-in nor for another.
        #expect(try door.finish(ticket, sent: code).code == "session.ticket_void")
        #expect(try door.finish(try door.ticket("Lin"), sent: code).code == "sms.code_wrong")
    }

    @Test func `of fifty who give the same code at once exactly one comes in`() throws {
        let (door, post) = try furnished()
        defer { post.stop() }
        let ticket = try door.ticket("Lin")
        #expect(try door.sendCode(ticket).status == 201)
        let code = post.code
        let statuses = StatusList()
        DispatchQueue.concurrentPerform(iterations: 50) { _ in
            statuses.add((try? door.finish(ticket, sent: code).status) ?? 0)
        }
        #expect(statuses.all.filter { $0 == 201 }.count == 1)
        #expect(statuses.all.allSatisfy { [201, 401, 403, 429].contains($0) })
    }

    @Test func `a code ends with its time, and is good for its own sign-in until the next code`()
        throws
    {
        let (door, post) = try furnished()
        defer { post.stop() }
        let ticket = try door.ticket("Lin")
        #expect(try door.sendCode(ticket).status == 201)
        let first = post.code
        #expect(try door.sendCode(ticket).status == 201)
        if first != post.code {
            #expect(try door.finish(ticket, sent: first).code == "sms.code_wrong")
        }
        let other = try door.ticket("Lin")
        #expect(try door.finish(other, sent: post.code).code == "sms.code_wrong")
        try door.clock.pass(seconds: 300)
        #expect(try door.finish(ticket, sent: post.code).code == "sms.code_wrong")
    }

    @Test func `five wrong codes void it, though the ticket were good`() throws {
        let (door, post) = try furnished()
        defer { post.stop() }
        let ticket = try door.ticket("Lin")
        #expect(try door.sendCode(ticket).status == 201)
        let code = post.code
        try door.house.store.write { tx in
            for _ in 0..<4 { try tx.noteFailureOfSentCode(of: lin) }
            tx.markTold()
        }
        #expect(try door.finish(ticket, sent: Door.wrong(code)).code == "sms.code_wrong")
        #expect(try door.finish(ticket, sent: code).code == "sms.code_wrong")
    }

    @Test func `a code of the app is none of a message, nor the other way round`() throws {
        let (door, post) = try furnished()
        defer { post.stop() }
        let ticket = try door.ticket("Lin")
        #expect(try door.sendCode(ticket).status == 201)
        let (sent, app) = (post.code, try door.code(lin))
        guard sent != app else { return }
        #expect(try door.finish(ticket, sent: app).code == "sms.code_wrong")
        #expect(try door.finish(ticket, sent).code == "session.code_wrong")
        #expect(try door.finish(ticket, app).status == 201)
    }

    @Test func `a person gets five messages an hour, whatever they are for`() throws {
        let (door, post) = try furnished()
        defer { post.stop() }
        let before = post.messages.count
        for _ in 0..<5 { #expect(try door.sendCode(try door.ticket("Lin")).status == 201) }
        let refused = try door.sendCode(try door.ticket("Lin"))
        #expect(refused.code == "sms.too_many" && refused.status == 429)
        let wait = try #require(refused.response.header("retry-after").flatMap { Int64($0) })
        #expect((3500...3600).contains(wait))
        #expect(post.messages.count - before == 5)
        try door.clock.pass(seconds: wait)
        #expect(try door.sendCode(try door.ticket("Lin")).status == 201)
    }

    @Test func `the house sends a hundred an hour, and the next hour is another`() throws {
        let (door, post) = try furnished()
        defer { post.stop() }
        try door.house.store.write { tx in
            for _ in 0..<99 { try tx.insertMessage(to: nil) }
            tx.markTold()
        }
        #expect(try door.sendCode(try door.ticket("Lin")).status == 201)
        #expect(try door.sendCode(try door.ticket("Lin")).code == "sms.too_many")
        let tested = try door.house.send(
            .post, "/api/v1/sms-gateway/tests", json: #"{"number":"\#(Door.number)"}"#)
        #expect(tested.code == "sms.too_many")
        try door.clock.pass(seconds: 3600)
        #expect(try door.sendCode(try door.ticket("Lin")).status == 201)
    }

    @Test func `when asked at once no more messages leave than one after the other`() throws {
        let (door, post) = try furnished()
        defer { post.stop() }
        let ticket = try door.ticket("Lin")
        let before = post.messages.count
        let statuses = StatusList()
        DispatchQueue.concurrentPerform(iterations: 12) { _ in
            statuses.add((try? door.sendCode(ticket).status) ?? 0)
        }
        #expect(statuses.all.filter { $0 == 201 }.count == 5)
        #expect(post.messages.count - before == 5)
    }

    @Test func `whoever came in by a message has still to show the stronger factor`() throws {
        let (door, post) = try furnished()
        defer { post.stop() }
        let ticket = try door.ticket("Lin")
        #expect(try door.sendCode(ticket).status == 201)
        let opened = try door.finish(ticket, sent: post.code)
        var session = TestHouse.Sender.session(try #require(opened.session))
        let user = #"{"name":"Wang","password":"\#(goodPassword)","role":null,"language":"en"}"#
        func add() throws -> String? { try door.send(.post, "users", user, as: &session).code }
        #expect(try add() == "access.step_up_needed")
        #expect(
            try door.send(.delete, "session/phone", as: &session).code == "access.step_up_needed")
        // A message proves nothing, and neither does a password that was just changed.
        let proof = #"{"code":"\#(post.code)"}"#
        #expect(
            try door.send(.post, "session/proofs", proof, as: &session).code == "session.code_wrong"
        )
        let password = #"{"current":"\#(goodPassword)"}"#
        #expect(
            try door.send(.post, "session/proofs/password", password, as: &session).code
                == "factor.asked")
        let change = #"{"current":"\#(goodPassword)","new":"granite lantern four"}"#
        #expect(try door.send(.post, "session/password", change, as: &session).status == 204)
        #expect(try add() == "access.step_up_needed")
        let right = #"{"code":"\#(try door.code(lin))"}"#
        #expect(try door.send(.post, "session/proofs", right, as: &session).status == 204)
        #expect(try add() == nil)
    }

    @Test func `a gateway that is off or down closes this way and no other`() throws {
        let (door, post) = try furnished()
        defer { post.stop() }
        post.answer(.undone(.busy, text: "The gateway cannot do it now (HTTP 500)."))
        let ticket = try door.ticket("Lin")
        let head = try door.head()
        let refused = try door.sendCode(ticket)
        #expect(refused.code == "sms.not_sent" && refused.status == 409)
        #expect(!refused.text.contains("HTTP 500"))
        #expect(
            try door.house.told(after: head) == [
                "access.message_sent", "access.message_undelivered",
            ])
        try door.open(false)
        #expect(try door.sendCode(ticket).code == "sms.off")
        #expect(try door.finish(ticket, sent: post.code).code == "sms.off")
        let answer = try door.signIn("Lin")
        #expect(answer.json["factors"]?.elements.map(\.text) == ["totp"])
        #expect(answer.json["phone"]?["reachable"] == .flag(false))
        #expect(try door.finish(ticket, try door.code(lin)).status == 201)
    }

    @Test func `practice books ring nobody's telephone`() throws {
        let (door, post) = try furnished()
        defer { post.stop() }
        try door.house.store.write { tx in
            try tx.setSite(
                Site(name: "Northbank", timeZone: "Asia/Shanghai", isPractice: true))
            tx.markTold()
        }
        let before = post.messages.count
        #expect(try door.sendCode(try door.ticket("Lin")).code == "sms.off")
        let tested = try door.house.send(
            .post, "/api/v1/sms-gateway/tests", json: #"{"number":"\#(Door.number)"}"#)
        #expect(tested.code == "sms.off")
        #expect(post.messages.count == before)
    }

    @Test func `nothing is said about accounts: without a ticket there is nothing to ask`() throws {
        let (door, post) = try furnished()
        defer { post.stop() }
        let before = post.messages.count
        #expect(try door.sendCode(newToken()).code == "session.ticket_void")
        #expect(try door.finish(newToken(), sent: "287082").code == "session.ticket_void")
        let wang = try door.person("Wang", .support)
        try door.enrol(wang)
        let ticket = try door.ticket("Wang")
        #expect(try door.sendCode(ticket).code == "sms.number_missing")
        #expect(try door.finish(ticket, sent: "287082").code == "sms.number_missing")
        #expect(post.messages.count == before)
    }
}
