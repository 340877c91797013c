// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Access

@Suite struct TokenTests {
    private func make(
        _ door: Door, _ session: TestHouse.Sender, permissions: [String] = ["stock.see"],
        warehouses: String = "null", addresses: [String] = [], days: Int = 30
    ) throws -> Answer {
        func list(_ texts: [String]) -> String {
            "[" + texts.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        }
        return try door.house.send(
            .post, "/api/v1/session/tokens",
            json: """
                {"name":"Report","permissions":\(list(permissions)),"warehouses":\(warehouses),
                "addresses":\(list(addresses)),"days":\(days)}
                """, as: session)
    }

    private func text(_ answer: Answer) throws -> String {
        try #require(answer.json["text"]?.text, "\(answer.text)")
    }

    /// Reads levels with a token.
    private func read(
        _ door: Door, _ token: String, _ path: String = "/api/v1/stock/levels?limit=1"
    ) throws -> Answer {
        try door.house.send(.get, path, as: .device(token))
    }

    private func keeper(_ door: Door) throws -> (id: ID<User>, session: TestHouse.Sender) {
        let id = try door.person("Wang", .warehouseManager)
        return (id, try door.session(of: id))
    }

    @Test func `a token is shown once, kept nowhere, and reads what it may`() throws {
        let door = try Door()
        let (_, session) = try keeper(door)
        let made = try make(door, session)
        #expect(made.status == 201)
        let token = try text(made)
        #expect(TokenText.isOne(token))
        #expect(try read(door, token).status == 200)
        #expect(try door.house.places(of: token) == [])
        let list = try door.house.send(.get, "/api/v1/session/tokens", as: session)
        #expect(list.json["items"]?.elements.count == 1 && !list.text.contains(token))
        #expect(try read(door, token, "/api/v1/items").code == "access.forbidden")
    }

    @Test func `nobody gives a token what they have not, or what asks for a proof`() throws {
        let door = try Door()
        let (_, session) = try keeper(door)
        for right in ["journal.see", "user.manage", "device.manage", "no.such"] {
            #expect(
                try make(door, session, permissions: [right]).code == "token.rights", "\(right)")
        }
        #expect(try make(door, session, permissions: []).code == "token.rights")
        let lin = try door.session(of: ID(1))
        #expect(try make(door, lin, permissions: ["user.manage"]).code == "token.rights")
    }

    @Test func `a token shrinks with its person, and ends with their suspension`() throws {
        let door = try Door()
        let (id, session) = try keeper(door)
        let token = try text(try make(door, session, permissions: ["stock.see", "stock.move"]))
        let move =
            #"{"kind":"move","variant":"var-9","count":"1","place":"plc-4","toPlace":"plc-5"}"#
        func moves() throws -> String? {
            try door.house.send(
                .post, "/api/v1/stock/movements", json: move, as: .device(token)
            ).code
        }
        #expect(try moves() != "access.forbidden")
        #expect(try door.strip(id).status == 200)
        #expect(try read(door, token).code == "access.forbidden")
        try door.grant(.support, to: id)
        try door.clock.pass(seconds: 2)
        #expect(try moves() == "access.forbidden")
        #expect(try read(door, token).status == 200)
        #expect(try door.edit(id, #"{"state":"suspended"}"#).status == 200)
        #expect(try read(door, token).status == 401)
        #expect(try door.edit(id, #"{"state":"active"}"#).status == 200)
        #expect(try read(door, token).status == 401)
    }

    @Test func `a program changes nothing of how its person signs in`() throws {
        let door = try Door()
        let lin = try door.session(of: ID(1))
        let rights =
            try door.house.send(.get, "/api/v1/session", as: lin).json["permissions"]?
            .elements.compactMap(\.text) ?? []
        let grantable = rights.filter { !AccessPermission.needFreshProof.contains($0) }
        let token = try text(try make(door, lin, permissions: grantable))
        var asked = 0
        for endpoint in door.house.endpoints
        where endpoint.tag == "access" && endpoint.need != .guest
            // Reading who works here is a right like any other.
            && endpoint.need != .permission(AccessPermission.seeUsers)
        {
            let path = endpoint.path.description.split(separator: "/").map {
                $0.hasPrefix("{") ? "x-1" : String($0)
            }
            let answer = try door.house.send(
                endpoint.method, "/" + path.joined(separator: "/"), as: .device(token))
            #expect(answer.status == 403, "\(endpoint.name): \(answer.text)")
            asked += 1
        }
        #expect(asked > 30)
        #expect(try read(door, token, "/api/v1/session").code == "access.session_only")
    }

    @Test func `a token ends on its day`() throws {
        let door = try Door()
        let (_, session) = try keeper(door)
        let token = try text(try make(door, session, days: 1))
        try door.clock.pass(seconds: 86_399)
        #expect(try read(door, token).status == 200)
        try door.clock.pass(seconds: 2)
        #expect(try read(door, token).status == 401)
        let anew = try door.session(of: ID(2))
        for days in [0, 367] { #expect(try make(door, anew, days: days).status == 422) }
    }

    @Test func `a token is good only from where it was made for`() throws {
        let door = try Door()
        let (_, session) = try keeper(door)
        let here = try text(try make(door, session, addresses: ["127.0.0.0/8"]))
        #expect(try read(door, here).status == 200)
        let there = try text(try make(door, session, addresses: ["192.0.2.0/24", "2001:db8::1"]))
        #expect(try read(door, there).code == "token.place")
        #expect(try read(door, there).code == "token.place")
        let wrong = try make(door, session, addresses: ["10.0.0.1/8"])
        #expect((wrong.status, wrong.code) == (422, "token.address"))
    }

    @Test func `a token that is narrowed to a warehouse sees no other`() throws {
        let door = try Door()
        let (_, session) = try keeper(door)
        _ = try door.house.bin("A-01")
        let all = try text(try make(door, session))
        let none = try text(try make(door, session, warehouses: #"["whs-99"]"#))
        func places(_ token: String) throws -> Int? {
            try read(door, token, "/api/v1/places?kind=bin").json["items"]?.elements.count
        }
        #expect(try places(all) == 1)
        #expect(try places(none) == 0)
        let empty = try make(door, session, warehouses: "[]")
        #expect(empty.status == 422, "\(empty.text)")
    }

    @Test func `after a rotation the old text is good for an hour more`() throws {
        let door = try Door()
        let (_, session) = try keeper(door)
        let made = try make(door, session)
        let id = try #require(made.json["token"]?["id"]?.text)
        let old = try text(made)
        let new = try text(
            try door.house.send(
                .post, "/api/v1/session/tokens/\(id)/rotation", json: "{}", as: session))
        #expect(new != old)
        try door.clock.pass(seconds: 3599)
        #expect(try read(door, old).status == 200 && read(door, new).status == 200)
        try door.clock.pass(seconds: 2)
        #expect(try read(door, old).status == 401)
        #expect(try read(door, new).status == 200)
    }

    @Test func `a revoked token is refused at once, and another's is out of sight`() throws {
        let door = try Door()
        let (_, session) = try keeper(door)
        let made = try make(door, session)
        let id = try #require(made.json["token"]?["id"]?.text)
        let token = try text(made)
        #expect(try read(door, token).status == 200)
        let lin = try door.session(of: ID(1))
        let path = "/api/v1/session/tokens/\(id)"
        #expect(try door.house.send(.delete, path, as: lin).code == "token.unknown")
        #expect(try door.house.send(.delete, path, as: session).status == 204)
        #expect(try read(door, token).status == 401)
    }

    @Test func `making one asks for a fresh proof, and there is a limit`() throws {
        let door = try Door()
        let (_, session) = try keeper(door)
        for _ in 0..<20 { #expect(try make(door, session).status == 201) }
        #expect(try make(door, session).code == "token.too_many")
        try door.clock.pass(seconds: SessionRule.freshSeconds)
        #expect(try make(door, session).code == "access.step_up_needed")
    }

    @Test func `a reset of the password by somebody else ends the tokens, too`() throws {
        let door = try Door()
        let (id, session) = try keeper(door)
        let token = try text(try make(door, session))
        let head = try door.head()
        let hash = try #require(goodHash)
        let table = door.table
        try door.house.store.write {
            try resetPassword(
                of: id, to: hash, table, by: TestHouse.root, in: $0)
        }
        try door.clock.pass(seconds: 2)
        #expect(try read(door, token).status == 401)
        #expect(try door.house.told(after: head).contains("access.tokens_ended"))
    }

    @Test func `the last use is known to the minute and not written with every request`() throws {
        let door = try Door()
        let (_, session) = try keeper(door)
        let token = try text(try make(door, session))
        let commits = {
            try door.house.store.read { try $0.integer("SELECT used_us FROM access_token") }
        }
        #expect(try commits() == nil)
        _ = try read(door, token)
        try door.house.store.write { _ in }
        let first = try commits()
        #expect(first == door.clock.now().microseconds)
        try door.clock.pass(seconds: 59)
        _ = try read(door, token)
        try door.house.store.write { _ in }
        #expect(try commits() == first)
    }

    @Test(arguments: [
        "/api/v1/stock/levels?access_token=x", "/api/v1/stock/levels?Token=x",
        "/api/v1/stock/levels?q=slt_ABC", "/api/v1/places?after=sld_ABC",
    ])
    func `a credential in an address is refused, whatever else is shown`(target: String) throws {
        let door = try Door()
        let (_, session) = try keeper(door)
        for sender in [session, .guest] as [TestHouse.Sender] {
            let answer = try door.house.send(.get, target, as: sender)
            #expect((answer.status, answer.code) == (400, "access.credential_in_address"))
        }
    }

    @Test func `a page that nobody touches keeps no session alive`() throws {
        let door = try Door()
        let (_, session) = try keeper(door)
        for _ in 0..<29 {
            try door.clock.pass(seconds: 60)
            let answer = try door.house.send(
                .get, "/api/v1/session", as: session, headers: [("Sluice-Unattended", "yes")])
            #expect(answer.status == 200)
            _ = try door.house.send(
                .get, "/api/v1/session", as: session, headers: [("Accept", "text/event-stream")])
            try door.house.store.write { _ in }
        }
        try door.clock.pass(seconds: 61)
        #expect(try door.look(session) == 401)
    }

    @Test func `somebody new must replace the password that was typed for them`() throws {
        let door = try Door()
        let added = try door.house.send(
            .post, "/api/v1/users",
            json: #"{"name":"Zhao","password":"\#(goodPassword)","role":"support","language":"en"}"#
        )
        #expect(added.json["passwordGiven"] == .flag(true))
        let first = try door.signIn("Zhao")
        let session = TestHouse.Sender.session(try #require(first.session))
        #expect(
            try door.house.send(.get, "/api/v1/stock/levels", as: session).code
                == "access.password_needed")
        let chosen = try door.house.send(
            .put, "/api/v1/session/password", json: #"{"new":"a hat for the winter"}"#, as: session)
        #expect(chosen.status == 204)
        let own = TestHouse.Sender.session(try #require(chosen.session))
        #expect(try door.house.send(.get, "/api/v1/stock/levels", as: own).status == 200)
        #expect(try door.signIn("Zhao").status == 401)
    }
}
