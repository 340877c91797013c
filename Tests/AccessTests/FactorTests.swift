// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import SealedStore
import Secrets
import TestKit
import Testing
import Web

@testable import Access

extension Door {
    /// A request of a signed-in person; the session may have a new token afterwards.
    func send(
        _ method: Web.Method, _ path: String, _ json: String? = nil,
        as session: inout TestHouse.Sender
    ) throws -> Answer {
        let answer = try house.send(method, "/api/v1/" + path, json: json, as: session)
        if let token = answer.session, !token.isEmpty { session = .session(token) }
        return answer
    }

    /// The code of a person's app, some steps from now.
    func code(_ id: ID<User>, step offset: Int64 = 0) throws -> String {
        let seed = try house.store.read { tx in
            try tx.fields.open(try #require(try tx.totp(of: id)).sealed, for: seedPlace(id))
        }
        let step = OneTimeCode.step(at: clock.now().microseconds / 1_000_000)
        return try #require(OneTimeCode.code(seed: seed, step: step + offset))
    }

    /// Sets an app up for a person. Returns their recovery codes; the step of now is used up.
    @discardableResult
    func enrol(_ id: ID<User>) throws -> [String] {
        var session = try session(of: id)
        #expect(try send(.post, "session/totp", "{}", as: &session).status == 201)
        let answer = try send(
            .post, "session/totp/confirmation", #"{"code":"\#(try code(id))"}"#, as: &session)
        #expect(answer.status == 200)
        try clock.pass(seconds: 60)
        return answer.json["recoveryCodes"]?.elements.compactMap(\.text) ?? []
    }

    func ticket(_ name: String) throws -> String {
        try #require(try signIn(name).json["ticket"]?.text)
    }

    func finish(_ ticket: String, _ code: String) throws -> Answer {
        try house.send(
            .post, "/api/v1/session/factor", json: #"{"ticket":"\#(ticket)","code":"\#(code)"}"#,
            as: .guest)
    }
}

@Suite struct TotpTests {
    private let lin: ID<User> = ID(1)

    @Test func `an app is set up by its first code, and asked for at the next sign-in`() throws {
        let door = try Door()
        var session = try door.session(of: lin)
        let begun = try door.send(.post, "session/totp", "{}", as: &session)
        let secret = try #require(begun.json["secret"]?.text)
        #expect(secret.count == 32)
        let uri = try #require(begun.json["uri"]?.text)
        #expect(uri.hasPrefix("otpauth://totp/Northbank:Lin?secret=\(secret)&issuer=Northbank"))
        // It counts for nothing yet.
        #expect(try door.signIn("Lin").json["user"]?["name"]?.text == "Lin")
        let wrong = try door.send(
            .post, "session/totp/confirmation", #"{"code":"000000"}"#, as: &session)
        #expect(wrong.code == "session.code_wrong")
        let before = session
        let right = try door.send(
            .post, "session/totp/confirmation", #"{"code":"\#(try door.code(lin))"}"#,
            as: &session)
        #expect(right.status == 200)
        #expect(right.json["recoveryCodes"]?.elements.count == 10)
        #expect(try door.look(before) == 401, "a second factor gives the session a new token")
        #expect(try door.look(session) == 200)
        let answer = try door.signIn("Lin")
        #expect(answer.json["user"] == .null)
        #expect(answer.json["factors"]?.elements.map(\.text) == ["totp"])
        #expect(answer.response.header("set-cookie") == nil)
    }

    @Test func `the seed stands nowhere in clear, and moves to no other person`() throws {
        let door = try Door()
        let wang = try door.person("Wang", .support)
        try door.enrol(lin)
        let sealed = try door.house.store.read { try #require(try $0.totp(of: lin)).sealed }
        #expect(throws: StoreFault.self) {
            try door.house.store.read { try $0.fields.open(sealed, for: seedPlace(wang)) }
        }
        let seed = try door.house.store.read { try $0.fields.open(sealed, for: seedPlace(lin)) }
        #expect(seed.count == 20)
        #expect(try door.house.places(of: Base32.text(seed)) == [])
        #expect(!sealed.starts(with: seed))
    }

    @Test func `seeds are sealed anew when the key changes`() throws {
        let door = try Door()
        try door.enrol(lin)
        let other = try FieldSealer(try RootKey.random())
        let seed = try door.house.store.read { tx in
            try tx.fields.open(try #require(try tx.totp(of: lin)).sealed, for: seedPlace(lin))
        }
        let count = try door.house.store.write { tx in
            // As a copy of the books is before its fields are sealed anew.
            try tx.resealSeed(other.seal(seed, for: seedPlace(lin)), of: lin)
            let count = try resealSeeds(from: other, in: tx)
            tx.markTold()
            return count
        }
        #expect(count == 1)
        #expect(try door.finish(try door.ticket("Lin"), try door.code(lin)).status == 201)
    }

    @Test(arguments: [Int64(-1), 0, 1])
    func `a code is taken once, also one step early or late`(_ offset: Int64) throws {
        let door = try Door()
        try door.enrol(lin)
        let code = try door.code(lin, step: offset)
        #expect(try door.finish(try door.ticket("Lin"), code).status == 201)
        #expect(try door.finish(try door.ticket("Lin"), code).code == "session.code_wrong")
    }

    @Test func `an older step than one that was taken is refused`() throws {
        let door = try Door()
        try door.enrol(lin)
        #expect(try door.finish(try door.ticket("Lin"), try door.code(lin, step: 1)).status == 201)
        for offset in [Int64(0), -1] {
            let answer = try door.finish(try door.ticket("Lin"), try door.code(lin, step: offset))
            #expect(answer.code == "session.code_wrong")
        }
    }

    @Test func `of fifty who give the same code at once exactly one comes in`() throws {
        let door = try Door()
        try door.enrol(lin)
        let tickets = try (0..<50).map { _ in
            let ticket = newToken()
            try door.house.store.write { tx in
                try tx.insertTicket(of: lin, token: tokenDigest(ticket))
                tx.markTold()
            }
            return ticket
        }
        let code = try door.code(lin)
        let statuses = StatusList()
        DispatchQueue.concurrentPerform(iterations: tickets.count) { index in
            statuses.add((try? door.finish(tickets[index], code).status) ?? 0)
        }
        #expect(statuses.all.filter { $0 == 201 }.count == 1)
        #expect(statuses.all.allSatisfy { [201, 403, 429].contains($0) })
        #expect(statuses.all.count == 50)
    }

    @Test func `a ticket is void after five wrong codes, after ten minutes, and after its use`()
        throws
    {
        let door = try Door()
        try door.enrol(lin)
        let spoiled = try door.ticket("Lin")
        for _ in 0..<5 { #expect(try door.finish(spoiled, "000000").status == 403) }
        try door.clock.pass(seconds: 61)
        #expect(try door.finish(spoiled, try door.code(lin)).code == "session.ticket_void")
        let late = try door.ticket("Lin")
        try door.clock.pass(seconds: 600)
        #expect(try door.finish(late, try door.code(lin)).code == "session.ticket_void")
        let good = try door.ticket("Lin")
        #expect(try door.finish(good, try door.code(lin)).status == 201)
        try door.clock.pass(seconds: 60)
        #expect(try door.finish(good, try door.code(lin)).code == "session.ticket_void")
        #expect(try door.finish("made up", "000000").code == "session.ticket_void")
    }

    @Test func `turning it off needs a fresh proof, and takes the recovery codes along`() throws {
        let door = try Door()
        var session = try door.session(of: lin)
        try door.enrol(lin)
        try door.clock.pass(seconds: 300)
        #expect(
            try door.send(.delete, "session/totp", as: &session).code == "access.step_up_needed")
        let proof = #"{"code":"\#(try door.code(lin))"}"#
        #expect(try door.send(.post, "session/proofs", proof, as: &session).status == 204)
        #expect(try door.send(.delete, "session/totp", as: &session).status == 204)
        #expect(try door.house.store.read { try $0.recoveryCodes(of: lin) } == 0)
        #expect(try door.signIn("Lin").json["user"]?["name"]?.text == "Lin")
    }
}

@Suite struct RecoveryTests {
    private let lin: ID<User> = ID(1)

    @Test func `a recovery code opens the door once, which is told`() throws {
        let door = try Door()
        let codes = try door.enrol(lin)
        #expect(Set(codes).count == 10)
        // 25 characters of base 32: 125 bits.
        #expect(codes.allSatisfy { $0.filter { $0 != "-" }.count == 25 })
        let head = try door.head()
        let typed = codes[3].lowercased().replacing("-", with: " ")
        let answer = try door.finish(try door.ticket("Lin"), typed)
        #expect(answer.status == 201)
        #expect(
            try door.house.told(after: head) == [
                "access.password_accepted", "access.recovery_used", "access.signed_in",
            ])
        let session = TestHouse.Sender.session(try #require(answer.session))
        let me = try door.house.send(.get, "/api/v1/session", as: session)
        #expect(me.json["notices"]?[0]?["kind"]?.text == "recovery_used")
        #expect(try door.finish(try door.ticket("Lin"), codes[3]).code == "session.code_wrong")
        #expect(try door.house.store.read { try $0.recoveryCodes(of: lin) } == 9)
        #expect(
            try door.house.send(.delete, "/api/v1/session/notices", as: session).status == 204)
        let later = try door.house.send(.get, "/api/v1/session", as: session)
        #expect(later.json["notices"]?.elements.isEmpty == true)
    }

    @Test func `codes are kept as digests, and new ones make the old ones void`() throws {
        let door = try Door()
        let codes = try door.enrol(lin)
        for code in codes {
            #expect(try door.house.places(of: code) == [])
            #expect(try door.house.places(of: code.filter { $0 != "-" }) == [])
        }
        var session = try door.session(of: lin)
        let made = try door.send(.post, "session/recovery-codes", "{}", as: &session)
        #expect(made.json["recoveryCodes"]?.elements.count == 10)
        #expect(try door.finish(try door.ticket("Lin"), codes[0]).code == "session.code_wrong")
    }
}

/// Statuses of answers that come from several threads.
final class StatusList: @unchecked Sendable {
    // @unchecked: the lock guards the list.
    private let lock = NSLock()
    private var list: [Int] = []

    var all: [Int] { lock.withLock { list } }
    func add(_ status: Int) { lock.withLock { list.append(status) } }
}
