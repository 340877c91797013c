// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Access

/// Giving, lending, confirming and ending roles, over the API.
struct GrantTests {
    private let door: Door
    private let lin: TestHouse.Sender

    init() throws {
        door = try Door()
        lin = try door.session(of: ID(1))
    }

    private func act(
        _ grant: String?, _ verb: String, as sender: TestHouse.Sender
    ) throws -> Answer {
        try door.house.send(
            .post, "/api/v1/grants/\(grant ?? "")/\(verb)", json: "{}", as: sender)
    }

    private func permissions(_ id: ID<User>) throws -> Set<String> {
        let session = try door.session(of: id)
        let answer = try door.house.send(.get, "/api/v1/session", as: session)
        return Set((answer.json["permissions"]?.elements ?? []).compactMap(\.text))
    }

    @Test func `a sensitive role waits for a second person, who is neither giver nor taker`() throws
    {
        let wang = try door.person("Wang", .owner)
        let zhao = try door.person("Zhao", nil)
        let session = try door.session(of: zhao)
        let asked = try door.ask(zhao, "it_admin", as: lin)
        #expect(asked.json["state"]?.text == "waiting")
        #expect(try permissions(zhao) == [])
        let id = asked.json["id"]?.text
        #expect(try act(id, "confirmation", as: lin).code == "grant.same_person")
        #expect(try act(id, "confirmation", as: session).status == 403)
        let second = try door.session(of: wang)
        #expect(try act(id, "confirmation", as: second).json["state"]?.text == "active")
        #expect(try permissions(zhao).contains("user.manage"))
        // Their sessions from before have nothing new: they are over.
        #expect(try door.look(session) == 401)
        #expect(try act(id, "confirmation", as: second).code == "lifecycle.illegal")
    }

    @Test func `the only one who can give roles needs nobody, and the journal says so`() throws {
        let zhao = try door.person("Zhao", nil)
        let head = try door.head()
        let given = try door.ask(zhao, "it_admin", as: lin)
        #expect(given.json["state"]?.text == "active")
        #expect(try door.house.told(after: head) == ["access.granted"])
        let entry = try door.house.send(.get, "/api/v1/journal?kind=access.granted&limit=1")
        #expect(entry.json["items"]?[0]?["facts"]?["secondPerson"] == .flag(false))
    }

    @Test func `nobody gives, confirms or lends to themselves`() throws {
        _ = try door.person("Wang", .owner)
        #expect(try door.ask(ID(1), "picker", as: lin).code == "grant.own")
        let own = try door.house.send(.get, "/api/v1/session/grants", as: lin)
        let grant = own.json["items"]?[0]?["id"]?.text ?? ""
        let loan = try door.house.send(
            .post, "/api/v1/session/loans",
            json: #"{"grant":"\#(grant)","user":"Lin","until":"\#(try later(3600))"}"#, as: lin)
        #expect(loan.code == "grant.own")
    }

    private func later(_ seconds: Int64) throws -> String {
        try door.clock.now().adding(seconds: seconds).rfc3339
    }

    @Test func `nobody gives more than they hold, nor acts on an account that may do more`() throws
    {
        let made = try door.house.send(
            .post, "/api/v1/roles",
            json: """
                {"name":"Lead","purpose":"","limits":[{"limit":"adjustment.quantity","most":5}],\
                "permissions":["grant.manage","user.manage","role.manage","user.see",\
                "stock.adjust","stock.see"]}
                """)
        #expect(made.status == 201, "\(made.text)")
        let lead = try #require(made.json["role"]?.text)
        let wang = try door.person("Wang", nil)
        #expect(try door.ask(wang, lead, #","acceptConflicts":true"#, as: .root).status == 201)
        let session = try door.session(of: wang)
        let zhao = try door.person("Zhao", nil)
        for (role, code) in [
            ("owner", "grant.beyond_you"), ("receiver", "grant.beyond_you"),
            ("counter", "grant.beyond_you"), ("rol-99", "role.unknown"),
        ] {
            #expect(try door.ask(zhao, role, as: session).code == code, "\(role)")
        }
        func role(_ name: String, _ rights: String, _ limits: String = "") throws -> Answer {
            try door.house.send(
                .post, "/api/v1/roles",
                json: """
                    {"name":"\(name)","purpose":"","permissions":[\(rights)],"limits":[\(limits)]}
                    """, as: session)
        }
        #expect(try role("A", #""journal.see""#).code == "role.beyond_you")
        #expect(try role("B", #""stock.adjust""#).code == "role.beyond_you")
        let limit = #"{"limit":"adjustment.quantity","most":5}"#
        #expect(try role("C", #""stock.adjust""#, limit).status == 201)
        #expect(try role("c", #""stock.see""#).code == "role.name_taken")
        #expect(try role("D", #""stock.fly""#).code == "role.permission_unknown")
        #expect(try role("E", #""stock.see""#, limit).code == "role.limit_unknown")
        for (method, path, body) in [
            (Web.Method.post, "users/usr-1/password", #"{"password":"quiet river stone"}"#),
            (.post, "users/usr-1/factor-reset", "{}"),
            (.patch, "users/usr-1", #"{"state":"suspended"}"#),
        ] {
            let answer = try door.house.send(
                method, "/api/v1/\(path)", json: body, as: session, headers: [("If-Match", "*")])
            #expect(answer.code == "user.beyond_you", "\(path)")
        }
    }

    @Test func `a grant counts from its beginning to its end`() throws {
        let wang = try door.person("Wang", nil)
        let more = #","from":"\#(try later(100))","until":"\#(try later(200))""#
        #expect(try door.ask(wang, "picker", more, as: lin).status == 201)
        #expect(try permissions(wang) == [])
        try door.clock.pass(seconds: 100)
        #expect(try permissions(wang).contains("scan.make"))
        let session = try door.session(of: wang)
        #expect(try door.house.send(.get, "/api/v1/items", as: session).status == 200)
        try door.clock.pass(seconds: 100)
        #expect(try door.house.send(.get, "/api/v1/items", as: session).status == 403)
        #expect(try permissions(wang) == [])
        let past = #","until":"\#(try later(-1))""#
        #expect(try door.ask(wang, "picker", past, as: lin).code == "grant.period")
    }

    @Test func `a loan ends when the lender loses the role, comes back, or is suspended`() throws {
        let wang = try door.person("Wang", .receiver)
        let zhao = try door.person("Zhao", nil)
        let lender = try door.session(of: wang)
        let own = try door.house.send(.get, "/api/v1/session/grants", as: lender)
        let grant = own.json["items"]?[0]?["id"]?.text ?? ""
        func lend(_ seconds: Int64, _ id: String) throws -> Answer {
            try door.house.send(
                .post, "/api/v1/session/loans",
                json: #"{"grant":"\#(id)","user":"zhao","until":"\#(try later(seconds))"}"#,
                as: lender)
        }
        #expect(try lend(91 * 86_400, grant).code == "grant.period")
        #expect(try lend(3600, "grt-1").code == "grant.unknown")
        let loan = try lend(3600, grant)
        #expect(loan.status == 201)
        #expect(try permissions(zhao).contains("stock.receive"))
        // What was borrowed is not lent on.
        let borrower = try door.session(of: zhao)
        let again = try door.house.send(
            .post, "/api/v1/session/loans",
            json: """
                {"grant":"\(loan.json["id"]?.text ?? "")","user":"Lin","until":"\(try later(60))"}
                """, as: borrower)
        #expect(again.code == "grant.not_lendable")
        #expect(try door.edit(wang, #"{"state":"suspended"}"#).status == 200)
        #expect(try permissions(zhao) == [])
        #expect(try door.edit(wang, #"{"state":"active"}"#).status == 200)
        #expect(try permissions(zhao).contains("stock.receive"))
        let session = try door.session(of: zhao)
        #expect(try act(grant, "end", as: lin).status == 200)
        #expect(try door.look(session) == 401)
        #expect(try permissions(zhao) == [])
    }

    @Test func `what should be in two hands is warned of first`() throws {
        let wang = try door.person("Wang", .receiver)
        let warned = try door.ask(wang, "counter", as: lin)
        #expect(warned.code == "grant.conflicts" && warned.status == 409)
        let names = warned.json["parameters"]?["conflicts"]?.elements.compactMap(\.text) ?? []
        #expect(Set(names) == ["receive_adjust", "scan_adjust"])
        #expect(try door.ask(wang, "counter", #","acceptConflicts":true"#, as: lin).status == 201)
        let report = try door.house.send(.get, "/api/v1/grant-conflicts", as: lin)
        let rows = report.json["rows"]?.elements ?? []
        let row = rows.first { $0["conflict"]?["name"]?.text == "receive_adjust" }
        let users = row?["users"]?.elements.compactMap { $0["name"]?.text } ?? []
        #expect(Set(users) == ["Lin", "Wang"])
        #expect(row?["roles"]?.elements.compactMap { $0["role"]?.text } == ["owner"])
    }

    @Test func `a role in use gains nothing sensitive, and stays while somebody holds it`() throws {
        func body(_ rights: String) -> String {
            #"{"name":"Night","purpose":"","permissions":[\#(rights)],"limits":[]}"#
        }
        let made = try door.house.send(
            .post, "/api/v1/roles", json: body(#""stock.see""#), as: lin)
        let role = try #require(made.json["role"]?.text)
        let wang = try door.person("Wang", nil)
        let grant = try door.ask(wang, role, as: lin).json["id"]?.text
        let session = try door.session(of: wang)
        func edit(_ rights: String) throws -> Answer {
            try door.house.send(
                .patch, "/api/v1/roles/\(role)", json: body(rights), as: lin,
                headers: [("If-Match", "*")])
        }
        #expect(try edit(#""stock.see","user.manage""#).code == "role.sensitive_in_use")
        #expect(try edit(#""stock.see","item.see""#).status == 200)
        #expect(try door.look(session) == 401)
        #expect(try permissions(wang) == ["stock.see", "item.see"])
        let retire = "/api/v1/roles/\(role)/retirement"
        #expect(try door.house.send(.post, retire, json: "{}", as: lin).code == "role.in_use")
        #expect(try act(grant, "end", as: lin).status == 200)
        #expect(try door.house.send(.post, retire, json: "{}", as: lin).status == 200)
        #expect(try door.ask(wang, role, as: lin).code == "role.retired")
        let shipped = try door.house.send(
            .patch, "/api/v1/roles/picker", json: body(""), as: lin, headers: [("If-Match", "*")])
        #expect(shipped.code == "role.shipped")
    }

    @Test func `an answer names the grants that allow it, or what is missing and whom to ask`()
        throws
    {
        let wang = try door.person("Wang", nil)
        _ = try door.house.send(
            .post, "/api/v1/warehouses", json: #"{"code":"N","name":"North","firstBin":null}"#)
        _ = try door.house.send(
            .post, "/api/v1/warehouses", json: #"{"code":"S","name":"South","firstBin":null}"#)
        let rows = #","reads":[{"dimension":"warehouse","values":[1]}]"#
        #expect(try door.ask(wang, "picker", rows, as: lin).status == 201)
        func explain(_ query: String) throws -> JSON {
            try door.house.send(
                .get, "/api/v1/users/\(wang)/explanation?\(query)", as: lin
            ).json
        }
        let north = try explain("permission=stock.see&dimension=warehouse&value=1")
        #expect(north["allowed"] == .flag(true))
        #expect(north["grants"]?.elements.count == 1)
        let south = try explain("permission=stock.see&dimension=warehouse&value=2")
        #expect(south["allowed"] == .flag(false))
        #expect(south["elsewhere"]?.elements.count == 1)
        #expect(south["ask"]?.elements.compactMap { $0["name"]?.text } == ["Lin"])
        let never = try explain("permission=place.edit")
        let roles = never["roles"]?.elements.compactMap { $0["role"]?.text } ?? []
        #expect(roles == ["owner", "warehouse_manager"])
        for bad in [
            #","reads":[{"dimension":"warehouse","values":[9]}]"#,
            #","writes":[{"dimension":"moon","values":[1]}]"#,
            #","reads":[{"dimension":"warehouse","values":[]}]"#,
        ] {
            #expect(try door.ask(wang, "packer", bad, as: lin).code == "grant.rows", "\(bad)")
        }
    }

    @Test func `looking through another's eyes shows what both may see and changes nothing`() throws
    {
        let wang = try door.person("Wang", .accountant)
        let head = try door.head()
        let begun = try door.house.send(
            .post, "/api/v1/session/view", json: #"{"user":"\#(wang)"}"#, as: lin)
        #expect(begun.status == 200, "\(begun.text)")
        let now = try door.house.send(.get, "/api/v1/session", as: lin).json
        #expect(now["user"]?["name"]?.text == "Lin")
        #expect(now["viewing"]?["name"]?.text == "Wang")
        #expect(now["permissions"]?.elements.compactMap(\.text) == ["item.see", "stock.see"])
        #expect(try door.house.send(.get, "/api/v1/items", as: lin).status == 200)
        #expect(try door.house.send(.get, "/api/v1/users", as: lin).status == 403)
        let change = try door.house.send(
            .put, "/api/v1/session/language", json: #"{"language":"zh-CN"}"#, as: lin)
        #expect(change.code == "access.viewing_only")
        #expect(try door.house.told(after: head) == ["access.view_begun"])
        #expect(try door.house.send(.delete, "/api/v1/session/view", as: lin).status == 204)
        #expect(try door.house.send(.get, "/api/v1/users", as: lin).status == 200)
        // Forgotten, it ends by itself.
        _ = try door.house.send(
            .post, "/api/v1/session/view", json: #"{"user":"\#(wang)"}"#, as: lin)
        try door.clock.pass(seconds: GrantRule.viewSeconds)
        let later = try door.house.send(.get, "/api/v1/session", as: lin).json
        #expect(later["viewing"] == .null)
    }

    @Test func `a correction above the limit is for somebody with a higher one`() throws {
        let goods = try door.house.goods("TEA")
        let bin = try door.house.bin("A-01")
        let wang = try door.session(of: try door.person("Wang", .counter))
        func correct(_ count: String, as sender: TestHouse.Sender) throws -> Answer {
            try door.house.send(
                .post, "/api/v1/stock/movements",
                json: """
                    {"kind":"adjust","variant":"\(goods.variant)","count":"\(count)",\
                    "place":"\(bin)","change":"increase","reason":"found"}
                    """, as: sender)
        }
        #expect(try correct("100", as: wang).status == 201)
        let more = try correct("101", as: wang)
        #expect(more.code == "stock.adjustment_too_large" && more.status == 403)
        #expect(try correct("101", as: lin).status == 201)
    }
}
