// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import TestKit
import Testing
import Web

@testable import Access

/// Sessions as a browser has them: one at a time, and others ended by its person only.
@Suite struct BrowserSessionTests {
    private let lin: ID<User> = ID(1)

    @Test func `a browser that signs in again leaves no session behind`() throws {
        let door = try Door()
        let first = try door.session(of: lin)
        let elsewhere = try door.session(of: lin)
        let again = try door.house.send(
            .post, "/api/v1/session", json: #"{"name":"Lin","password":"\#(goodPassword)"}"#,
            as: first)
        #expect(again.status == 201)
        // A credential that was good is trusted for a second.
        try door.clock.pass(seconds: 2)
        #expect(try door.look(first) == 401)
        #expect(try door.look(elsewhere) == 200)
        let wrong = try door.house.send(
            .post, "/api/v1/session", json: #"{"name":"Lin","password":"wrong wrong wrong"}"#,
            as: elsewhere)
        #expect(wrong.status != 201)
        #expect(try door.look(elsewhere) == 200)
    }

    @Test func `ending sessions elsewhere asks for a fresh proof, signing out does not`() throws {
        let door = try Door()
        let here = try door.session(of: lin)
        let other = try door.session(of: lin)
        try door.clock.pass(seconds: 360)
        let list = try door.house.send(.get, "/api/v1/sessions", as: here)
        let all = list.json["items"]?.elements ?? []
        let id = try #require(all.first { $0["here"]?.flag == false }?["id"]?.text)
        for path in ["/api/v1/sessions", "/api/v1/sessions/\(id)"] {
            #expect(
                try door.house.send(.delete, path, as: here).code == "access.step_up_needed",
                "\(path)")
        }
        #expect(try door.look(other) == 200)
        #expect(try door.house.send(.delete, "/api/v1/session", as: here).status == 204)
        #expect(try door.look(other) == 200)
    }
}
