// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import Secrets
import TestKit
import Testing
import Web

@testable import Access

/// Roles that ask for a second factor, fresh proofs, and what others do for somebody.
@Suite struct ThresholdTests {
    private let lin: ID<User> = ID(1)

    private func require(_ door: Door, _ role: String, _ needed: Bool = true) throws {
        let answer = try door.house.send(
            .put, "/api/v1/roles/\(role)", json: #"{"factorNeeded":\#(needed)}"#)
        #expect(answer.json["factorNeeded"]?.flag == needed)
    }

    @Test func `somebody whose role asks for a factor can set one up and do nothing else`() throws {
        let door = try Door()
        let wang = try door.person("Wang", .receiver)
        var session = try door.session(of: wang)
        #expect(try door.house.send(.get, "/api/v1/items", as: session).status == 200)
        try require(door, "receiver")
        let me = try door.house.send(.get, "/api/v1/session", as: session)
        #expect(me.json["standing"]?.text == "must_enrol")
        #expect(me.json["permissions"]?.elements.isEmpty == true)
        var refused = 0
        for endpoint in door.house.endpoints {
            guard endpoint.need != .guest, endpoint.need != .threshold else { continue }
            let path = endpoint.path.description.split(separator: "/").map {
                $0.hasPrefix("{") ? "x-1" : String($0)
            }
            let answer = try door.house.send(
                endpoint.method, "/" + path.joined(separator: "/"), as: session)
            #expect(answer.code == "access.factor_needed", "\(endpoint.name)")
            refused += 1
        }
        #expect(refused > 60)
        _ = try door.send(.post, "session/totp", "{}", as: &session)
        let confirmed = try door.send(
            .post, "session/totp/confirmation", #"{"code":"\#(try door.code(wang))"}"#,
            as: &session)
        #expect(confirmed.json["recoveryCodes"]?.elements.count == 10)
        #expect(try door.house.send(.get, "/api/v1/items", as: session).status == 200)
    }

    @Test func `the last factor stays while the role asks for one`() throws {
        let door = try Door()
        try door.enrol(lin)
        try require(door, "owner")
        var session = try door.session(of: lin)
        #expect(try door.send(.delete, "session/totp", as: &session).code == "factor.last")
        try require(door, "owner", false)
        #expect(try door.send(.delete, "session/totp", as: &session).status == 204)
    }

    @Test func `what could open the house to others asks for a proof five minutes old at most`()
        throws
    {
        let door = try Door()
        var session = try door.session(of: lin)
        let add = #"{"name":"Gun","warehouse":null}"#
        try door.clock.pass(seconds: 299)
        #expect(try door.send(.post, "devices", add, as: &session).status == 201)
        try door.clock.pass(seconds: 1)
        let refused = try door.send(.post, "devices", #"{"name":"G2"}"#, as: &session)
        #expect(refused.status == 403)
        #expect(refused.code == "access.step_up_needed")
        #expect(try door.send(.get, "devices", as: &session).status == 200)
        let before = session
        let wrong = try door.send(
            .post, "session/proofs/password", #"{"current":"not the right one"}"#, as: &session)
        #expect(wrong.code == "password.wrong")
        let proved = try door.send(
            .post, "session/proofs/password", #"{"current":"\#(goodPassword)"}"#, as: &session)
        #expect(proved.status == 204)
        #expect(try door.look(before) == 401, "a proof gives the session a new token")
        #expect(try door.send(.post, "devices", #"{"name":"G2"}"#, as: &session).status == 201)
    }

    @Test func `whoever has a factor proves by it, and the password alone is not enough`() throws {
        let door = try Door()
        try door.enrol(lin)
        var session = try door.session(of: lin)
        try door.clock.pass(seconds: 300)
        let password = try door.send(
            .post, "session/proofs/password", #"{"current":"\#(goodPassword)"}"#, as: &session)
        #expect(password.code == "factor.asked")
        let code = #"{"code":"\#(try door.code(lin))"}"#
        #expect(try door.send(.post, "session/proofs", code, as: &session).status == 204)
        #expect(
            try door.send(.post, "session/proofs", code, as: &session).code == "session.code_wrong")
        let wang = try door.session(of: try door.person("Wang", .owner))
        #expect(
            try door.house.send(
                .post, "/api/v1/session/proofs", json: #"{"code":"123456"}"#, as: wang
            ).code
                == "factor.missing")
    }

    @Test func `wrong proofs slow down, too`() throws {
        let door = try Door()
        try door.enrol(lin)
        var session = try door.session(of: lin)
        for _ in 0..<5 {
            #expect(
                try door.send(.post, "session/proofs", #"{"code":"000000"}"#, as: &session).status
                    == 403)
        }
        let answer = try door.send(
            .post, "session/proofs", #"{"code":"\#(try door.code(lin))"}"#, as: &session)
        #expect(answer.status == 429)
    }

    @Test func `factors are reset by an administrator with a fresh proof, told and final`() throws {
        let door = try Door()
        let wang = try door.person("Wang", .support)
        try door.enrol(wang)
        let theirs = try door.session(of: wang)
        var mine = try door.session(of: lin)
        try door.clock.pass(seconds: 300)
        #expect(
            try door.send(.post, "users/\(wang)/factor-reset", "{}", as: &mine).code
                == "access.step_up_needed")
        _ = try door.send(
            .post, "session/proofs/password", #"{"current":"\#(goodPassword)"}"#, as: &mine)
        #expect(try door.look(theirs) == 200)
        let head = try door.head()
        let reset = try door.send(.post, "users/\(wang)/factor-reset", "{}", as: &mine)
        #expect(reset.json["factors"]?.elements.isEmpty == true)
        #expect(try door.house.told(after: head) == ["access.factors_reset"])
        #expect(try door.look(theirs) == 401)
        let again = try door.signIn("Wang")
        let me = try door.house.send(
            .get, "/api/v1/session", as: .session(try #require(again.session)))
        #expect(me.json["notices"]?[0]?["kind"]?.text == "factors_reset")
        #expect(me.json["notices"]?[0]?["by"]?.text == "Lin")
    }

    @Test func `a password from an administrator opens the door once, for choosing another`() throws
    {
        let door = try Door()
        let wang = try door.person("Wang", .receiver)
        let given = "quiet river stone"
        func give() throws {
            #expect(
                try door.house.send(
                    .post, "/api/v1/users/\(wang)/password", json: #"{"password":"\#(given)"}"#
                ).status == 204)
        }
        try give()
        try door.clock.pass(seconds: 86_400)
        #expect(try door.signIn("Wang", given).code == "session.refused")
        try give()
        let answer = try door.signIn("Wang", given)
        var session = TestHouse.Sender.session(try #require(answer.session))
        #expect(try door.signIn("Wang", given).code == "session.refused")
        #expect(
            try door.house.send(.get, "/api/v1/items", as: session).code == "access.password_needed"
        )
        let common = try door.send(
            .put, "session/password", #"{"new":"Password2026!"}"#, as: &session)
        #expect(common.code == "password.too_common")
        let own = #"{"new":"nine blue cranes"}"#
        #expect(try door.send(.put, "session/password", own, as: &session).status == 204)
        #expect(try door.house.send(.get, "/api/v1/items", as: session).status == 200)
        #expect(try door.send(.put, "session/password", own, as: &session).code == "password.own")
        #expect(try door.signIn("Wang", "nine blue cranes").status == 201)
    }

    @Test func `root on the box lets somebody in who lost everything`() throws {
        let door = try Door()
        try door.enrol(lin)
        let old = try door.session(of: lin)
        for _ in 0..<6 { _ = try door.signIn("Lin", "wrong wrong wrong") }
        let head = try door.head()
        let answer = try door.house.send(
            .post, "/api/v1/rescues", json: #"{"name":"LIN"}"#)
        let password = try #require(answer.json["password"]?.text)
        #expect(try door.house.told(after: head) == ["access.rescued"])
        #expect(try door.look(old) == 401)
        #expect(try door.house.places(of: password) == [])
        let came = try door.signIn("lin", password)
        #expect(came.status == 201)
        let session = TestHouse.Sender.session(try #require(came.session))
        let me = try door.house.send(.get, "/api/v1/session", as: session)
        #expect(me.json["standing"]?.text == "must_set_password")
        #expect(me.json["notices"]?[0]?["kind"]?.text == "rescued")
        #expect(
            try door.house.send(.post, "/api/v1/rescues", json: #"{"name":"nobody"}"#).code
                == "user.unknown")
    }

    @Test func `nobody but root rescues, whatever they may do`() throws {
        let door = try Door()
        let session = try door.session(of: lin)
        let answer = try door.house.send(
            .post, "/api/v1/rescues", json: #"{"name":"Lin"}"#, as: session)
        #expect(answer.code == "user.rescue_on_box")
    }
}

@Suite struct OwnSessionTests {
    private let lin: ID<User> = ID(1)

    @Test func `somebody sees where they are signed in, and ends one or all others`() throws {
        let door = try Door()
        let wang = try door.session(of: try door.person("Wang", .support))
        let sessions = try (0..<3).map { _ in
            try door.clock.pass(seconds: 1)
            return try door.session(of: lin)
        }
        let list = try door.house.send(.get, "/api/v1/sessions", as: sessions[0])
        let items = try #require(list.json["items"]?.elements)
        #expect(items.count == 3)
        #expect(items.map { $0["here"]?.flag } == [false, false, true])
        #expect(items.allSatisfy { $0["address"]?.text == "127.0.0.1" })
        let id = try #require(items[1]["id"]?.text)
        #expect(
            try door.house.send(.delete, "/api/v1/sessions/\(id)", as: wang).code
                == "session.unknown")
        #expect(
            try door.house.send(.delete, "/api/v1/sessions/\(id)", as: sessions[0]).status == 204)
        #expect(try sessions.map(door.look) == [200, 401, 200])
        #expect(try door.house.send(.delete, "/api/v1/sessions", as: sessions[0]).status == 204)
        #expect(try sessions.map(door.look) == [200, 401, 401])
        #expect(try door.look(wang) == 200)
    }

    @Test func `a person has twenty sessions at most`() throws {
        let door = try Door()
        let first = try door.session(of: lin)
        for _ in 0..<20 {
            try door.clock.pass(seconds: 1)
            _ = try door.session(of: lin)
        }
        #expect(try door.look(first) == 401)
        #expect(
            try door.house.store.read { try $0.integer("SELECT count(*) FROM access_session") }
                == 20)
    }

    @Test func `over TLS the cookie is for this host and for TLS only`() throws {
        let door = try Door()
        func signIn(_ origin: String) throws -> Answer {
            try door.house.send(
                .post, "/api/v1/session",
                json: #"{"name":"Lin","password":"\#(goodPassword)"}"#, as: .guest,
                headers: [("Origin", origin)])
        }
        let secure = try signIn("https://box").response.header("set-cookie") ?? ""
        #expect(secure.hasPrefix("__Host-sluice_session="))
        for part in ["; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"] {
            #expect(secure.contains(part))
        }
        #expect(!secure.contains("Domain"))
        let plain = try signIn("http://box").response.header("set-cookie") ?? ""
        #expect(plain.hasPrefix("sluice_session="))
        #expect(!plain.contains("Secure"))
    }

    @Test func `a plain cookie is nothing to a page that came over TLS`() throws {
        let door = try Door()
        let token = try door.token(lin)
        func change(_ cookie: String, _ origin: String) throws -> Int {
            try door.house.send(
                .put, "/api/v1/session/language", json: #"{"language":"en"}"#, as: .guest,
                headers: [("Cookie", "\(cookie)=\(token)"), ("Origin", origin)]
            ).status
        }
        #expect(try change("sluice_session", "http://box") == 200)
        #expect(try change("sluice_session", "https://box") == 401)
        #expect(try change("__Host-sluice_session", "https://box") == 200)
        // The one for TLS comes first, so that a planted one beside it is nothing.
        let both = try door.house.send(
            .get, "/api/v1/session", as: .guest,
            headers: [("Cookie", "sluice_session=planted; __Host-sluice_session=\(token)")])
        #expect(both.status == 200)
    }

    @Test func `a password that was hashed with less work is hashed anew at the next sign-in`()
        throws
    {
        let door = try Door()
        // m=8192 KiB, t=1, made by libsodium for the good password.
        let cheap = try #require(PasswordHash.cheap(goodPassword))
        try door.house.store.write { tx in
            try tx.rehash(lin, to: cheap.text)
        }
        #expect(cheap.isOutdated)
        #expect(try door.signIn("Lin").status == 201)
        let kept = try door.house.store.read { try #require(try $0.password(of: lin)) }
        #expect(!PasswordHash(text: kept).isOutdated)
        #expect(try door.signIn("Lin").status == 201)
    }
}
