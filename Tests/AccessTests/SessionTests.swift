// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import TestKit
import Testing
import Web

@testable import Access

@Suite struct SetUpTests {
    private func code(_ house: TestHouse) throws -> String {
        try #require(try house.store.write { try renewSetupCode(in: $0) })
    }

    private func setUp(
        _ house: TestHouse, _ code: String, password: String = goodPassword,
        zone: String = "Asia/Shanghai"
    ) throws -> Answer {
        try house.send(
            .post, "/api/v1/setup",
            json: """
                {"code":"\(code)","name":"Lin","password":"\(password)","language":"en",
                "siteName":"Northbank","timeZone":"\(zone)"}
                """, as: .guest)
    }

    @Test func `the code makes the first administrator and is used up`() throws {
        let house = try TestHouse()
        #expect(try house.send(.get, "/api/v1/setup", as: .guest).json["needed"]?.flag == true)
        let code = try code(house)
        let answer = try setUp(house, code)
        #expect(answer.status == 201)
        #expect(answer.json["roles"]?[0]?["role"]?.text == "owner")
        #expect(answer.json["permissions"]?.elements.count ?? 0 > 15)
        let cookie = answer.response.header("set-cookie") ?? ""
        for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
            #expect(cookie.contains(part))
        }
        let session = try #require(answer.session)
        #expect(try house.send(.get, "/api/v1/session", as: .session(session)).status == 200)
        #expect(try house.send(.get, "/api/v1/setup", as: .guest).json["needed"]?.flag == false)
        #expect(try setUp(house, code).code == "setup.done")
        #expect(try house.store.write { try renewSetupCode(in: $0) } == nil)
        #expect(try house.told() == ["access.set_up"])
    }

    @Test func `a code may be typed in small letters and without its hyphen`() throws {
        let house = try TestHouse()
        let code = try code(house).lowercased().filter { $0 != "-" }
        #expect(try setUp(house, code).status == 201)
    }

    @Test func `a restart makes a new code, and the old one is wrong`() throws {
        let house = try TestHouse()
        let old = try code(house)
        let new = try code(house)
        #expect(old != new)
        #expect(try setUp(house, old).code == "setup.code_wrong")
        #expect(try setUp(house, new).status == 201)
    }

    @Test func `whoever guesses codes is slowed down, and nothing is set up`() throws {
        let house = try TestHouse()
        let code = try code(house)
        for _ in 0..<5 { #expect(try setUp(house, "AAAA-AAAA").code == "setup.code_wrong") }
        let refused = try setUp(house, code)
        #expect(refused.code == "session.throttled")
        #expect(refused.status == 429)
        #expect(refused.response.header("retry-after") == "61")
        #expect(try house.send(.get, "/api/v1/setup", as: .guest).json["needed"]?.flag == true)
        try house.clock.pass(seconds: 61)
        #expect(try setUp(house, code).status == 201)
    }

    @Test func `a poor password or an unknown time zone leaves everything as it was`() throws {
        let house = try TestHouse()
        let code = try code(house)
        #expect(try setUp(house, code, password: "short").code == "password.too_short")
        #expect(try setUp(house, code, password: "Password2026!").code == "password.too_common")
        #expect(try setUp(house, code, zone: "Mars/Olympus").code == "time.zone_unknown")
        #expect(try house.told() == [])
        #expect(try setUp(house, code).status == 201)
    }
}

@Suite struct SignInTests {
    @Test func `a right password opens a session, whatever the case of the name`() throws {
        let door = try Door()
        let head = try door.head()
        let answer = try door.signIn("lIN")
        #expect(answer.status == 201)
        #expect(answer.json["user"]?["name"]?.text == "Lin")
        #expect(answer.json["ticket"] == .null)
        #expect(try door.house.told(after: head) == ["access.signed_in"])
    }

    @Test func `an unknown name and a wrong password are told apart by nobody`() throws {
        let door = try Door()
        let head = try door.head()
        let answers = try [
            door.signIn("Lin", "harbour crane ten"), door.signIn("Nobody", "harbour crane ten"),
        ]
        let plain = answers.map { answer in
            answer.json.members.filter { $0.name != "instance" }.map { "\($0.name) \($0.value)" }
        }
        #expect(plain[0] == plain[1])
        #expect(answers.allSatisfy { $0.status == 401 && $0.code == "session.refused" })
        #expect(
            answers[0].response.headers.map(\.name) == answers[1].response.headers.map(\.name))
        #expect(
            try door.house.told(after: head)
                == ["access.sign_in_refused", "access.sign_in_refused"])
    }

    @Test func `a suspended user is refused like an unknown one, also with the right password`()
        throws
    {
        let door = try Door()
        let wang = try door.person("Wang", .support)
        #expect(try door.edit(wang, #"{"state":"suspended"}"#).status == 200)
        #expect(try door.signIn("Wang").code == "session.refused")
        #expect(try door.edit(wang, #"{"state":"active"}"#).status == 200)
        #expect(try door.signIn("Wang").status == 201)
    }

    @Test func `the fifth failure makes everybody at that address wait, then it goes on`() throws {
        let door = try Door()
        for _ in 0..<5 { #expect(try door.signIn("Lin", "wrong wrong wrong").status == 401) }
        let refused = try door.signIn("Lin")
        #expect(refused.status == 429)
        #expect(refused.code == "session.throttled")
        #expect(refused.response.header("retry-after") == "61")
        try door.clock.pass(seconds: 61)
        #expect(try door.signIn("Lin", "wrong wrong wrong").status == 401)
        #expect(try door.signIn("Lin").response.header("retry-after") == "121")
        try door.clock.pass(seconds: 121)
        #expect(try door.signIn("Lin").status == 201)
        // A right password clears the slate.
        #expect(try door.signIn("Lin", "wrong wrong wrong").status == 401)
        #expect(try door.signIn("Lin").status == 201)
    }

    @Test func `failures are forgotten a day later`() throws {
        let door = try Door()
        for _ in 0..<6 { _ = try door.signIn("Lin", "wrong wrong wrong") }
        try door.clock.pass(seconds: 86_400 + 1)
        try door.house.run(job: "access.tidy")
        #expect(try door.signIn("Lin", "wrong wrong wrong").status == 401)
        #expect(try door.signIn("Lin").status == 201)
    }
}

@Suite struct SessionTests {
    @Test func `a session that is not used ends after half an hour`() throws {
        let door = try Door()
        let session = try door.session(of: ID(1))
        try door.clock.pass(seconds: 30 * 60 - 1)
        #expect(try door.look(session) == 200)
        let idle = try door.session(of: ID(1))
        try door.clock.pass(seconds: 30 * 60)
        #expect(try door.look(idle) == 401)
    }

    @Test func `use keeps a session alive, for twelve hours in all`() throws {
        let door = try Door()
        let session = try door.session(of: ID(1))
        for _ in 0..<28 {
            try door.clock.pass(seconds: 25 * 60)
            #expect(try door.look(session) == 200)
            // The time of use is written by the way; this waits until it is.
            try door.house.store.write { _ in }
        }
        try door.clock.pass(seconds: 20 * 60)
        #expect(try door.look(session) == 401)
        try door.clock.pass(seconds: 1)
        try door.house.run(job: "access.tidy")
        #expect(
            try door.house.store.read { try $0.integer("SELECT count(*) FROM access_session") } == 0
        )
    }

    @Test func `signing out ends the session at once`() throws {
        let door = try Door()
        let session = try door.session(of: ID(1))
        #expect(try door.look(session) == 200)
        let head = try door.head()
        let answer = try door.house.send(.delete, "/api/v1/session", as: session)
        #expect(answer.status == 204)
        #expect(answer.response.header("set-cookie")?.contains("Max-Age=0") == true)
        #expect(try door.look(session) == 401)
        #expect(try door.house.told(after: head) == ["access.signed_out"])
    }

    @Test(arguments: [true, false])
    func `the end of a role or of an account ends all sessions at once`(_ isRole: Bool) throws {
        let door = try Door()
        let wang = try door.person("Wang", .receiver)
        let sessions = [try door.session(of: wang), try door.session(of: wang)]
        let other = try door.session(of: ID(1))
        for session in sessions + [other] { #expect(try door.look(session) == 200) }
        let end = isRole ? try door.strip(wang) : try door.edit(wang, #"{"state":"suspended"}"#)
        #expect(end.status == 200)
        for session in sessions { #expect(try door.look(session) == 401) }
        #expect(try door.look(other) == 200)
    }

    @Test func `a new password needs the old one and ends the other sessions only`() throws {
        let door = try Door()
        let (here, there) = (try door.session(of: ID(1)), try door.session(of: ID(1)))
        #expect(try door.look(there) == 200)
        func change(_ current: String, _ new: String) throws -> Answer {
            try door.house.send(
                .post, "/api/v1/session/password",
                json: #"{"current":"\#(current)","new":"\#(new)"}"#, as: here)
        }
        #expect(try change("not the old one", "quiet river stone").code == "password.wrong")
        #expect(try change(goodPassword, "short").code == "password.too_short")
        #expect(try door.look(there) == 200)
        let changed = try change(goodPassword, "quiet river stone")
        #expect(changed.status == 204)
        // Whoever had the old token has nothing now.
        #expect(try door.look(here) == 401)
        #expect(try door.look(.session(try #require(changed.session))) == 200)
        #expect(try door.look(there) == 401)
        #expect(try door.signIn("Lin").status == 401)
        #expect(try door.signIn("Lin", "quiet river stone").status == 201)
    }

    @Test func `a forged or empty cookie is a guest's`() throws {
        let door = try Door()
        for token in ["", "x", String(repeating: "A", count: 52)] {
            #expect(try door.look(.session(token)) == 401)
        }
    }

    @Test func `somebody chooses the language in which the house speaks to them`() throws {
        let door = try Door()
        let session = try door.session(of: ID(1))
        let answer = try door.house.send(
            .put, "/api/v1/session/language", json: #"{"language":"zh-CN"}"#, as: session)
        #expect(answer.json["language"]?.text == "zh-CN")
    }
}
