// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Access

/// Ways around giving, confirming and losing rights, each of which must lead nowhere.
struct GrantEdgeTests {
    private let door: Door
    private let lin: TestHouse.Sender

    init() throws {
        door = try Door()
        lin = try door.session(of: ID(1))
    }

    private func confirm(_ grant: Answer, as sender: TestHouse.Sender) throws -> Answer {
        let id = grant.json["id"]?.text ?? ""
        return try door.house.send(
            .post, "/api/v1/grants/\(id)/confirmation", json: "{}", as: sender)
    }

    private func end(_ grant: Answer) throws -> Answer {
        let id = grant.json["id"]?.text ?? ""
        return try door.house.send(.post, "/api/v1/grants/\(id)/end", json: "{}", as: lin)
    }

    /// A role made of permissions, and its code.
    private func role(_ name: String, _ rights: [String]) throws -> String {
        let list = rights.map { "\"\($0)\"" }.joined(separator: ",")
        let made = try door.house.send(
            .post, "/api/v1/roles",
            json: #"{"name":"\#(name)","purpose":"","permissions":[\#(list)],"limits":[]}"#)
        return try #require(made.json["role"]?.text, "\(made.text)")
    }

    private func later(_ seconds: Int64) throws -> String {
        try door.clock.now().adding(seconds: seconds).rfc3339
    }

    @Test func `who makes accounts fills them with rights only when they may give roles`() throws {
        let admin = try door.session(of: try door.person("Wang", .itAdmin))
        let plain = try role("Tester", ["job.see"])
        func add(_ name: String, _ role: String, as sender: TestHouse.Sender) throws -> Answer {
            try door.house.send(
                .post, "/api/v1/users",
                json: """
                    {"name":"\(name)","password":"\(goodPassword)","role":\(role),"language":"en"}
                    """, as: sender)
        }
        for code in [plain, "it_admin"] {
            let refused = try add("Zhao", "\"\(code)\"", as: admin)
            #expect(refused.code == "access.forbidden", "\(refused.text)")
            #expect(refused.json["parameters"]?["permission"]?.text == "grant.manage")
        }
        let users = try door.house.send(.get, "/api/v1/users")
        #expect(users.json["items"]?.elements.count == 2)
        #expect(try add("Zhao", "null", as: admin).status == 201)
        #expect(try add("Chen", "\"\(plain)\"", as: lin).status == 201)
    }

    @Test func `nobody gives for longer than they hold`() throws {
        let wang = try door.person("Wang", nil)
        let zhao = try door.person("Zhao", nil)
        let day = try later(86_400)
        #expect(try door.ask(wang, "owner", #","until":"\#(day)""#, as: .root).status == 201)
        let sender = try door.session(of: wang)
        for more in ["", #","until":"\#(try later(86_401))""#] {
            let refused = try door.ask(zhao, "picker", more, as: sender)
            #expect(refused.code == "grant.beyond_you", "\(refused.text)")
        }
        #expect(try door.ask(zhao, "picker", #","until":"\#(day)""#, as: sender).status == 201)
        #expect(try door.ask(zhao, "picker", "", as: lin).status == 201)
    }

    @Test(arguments: ["begins later", "waits", "was lent by somebody suspended"])
    func `an account that will have more rights is nobody's to take over`(how: String) throws {
        let admin = try door.session(of: try door.person("Wang", .itAdmin))
        let zhao = try door.person("Zhao", nil)
        switch how {
        case "waits":
            _ = try door.person("Chen", .owner)
            #expect(try door.ask(zhao, "owner", as: lin).json["state"]?.text == "waiting")
        case "begins later":
            let more = #","from":"\#(try later(3600))""#
            #expect(try door.ask(zhao, "owner", more, as: .root).status == 201)
        default:
            let chen = try door.person("Chen", .financeManager)
            let lender = try door.session(of: chen)
            let own = try door.house.send(.get, "/api/v1/session/grants", as: lender)
            let loan = try door.house.send(
                .post, "/api/v1/session/loans",
                json: """
                    {"grant":"\(own.json["items"]?[0]?["id"]?.text ?? "")","user":"Zhao",\
                    "until":"\(try later(3600))"}
                    """, as: lender)
            #expect(loan.status == 201, "\(loan.text)")
            #expect(try door.edit(chen, #"{"state":"suspended"}"#).status == 200)
        }
        for (method, path, body) in [
            (Web.Method.post, "users/\(zhao)/password", #"{"password":"quiet river stone"}"#),
            (.post, "users/\(zhao)/factor-reset", "{}"),
            (.patch, "users/\(zhao)", #"{"state":"suspended"}"#),
        ] {
            let answer = try door.house.send(
                method, "/api/v1/\(path)", json: body, as: admin, headers: [("If-Match", "*")])
            #expect(answer.code == "user.beyond_you", "\(path): \(answer.text)")
        }
    }

    @Test func `a grant is confirmed only while its giver could still give it`() throws {
        let wang = try door.person("Wang", .owner)
        let chen = try door.person("Chen", .owner)
        let second = try door.session(of: chen)
        let zhao = try door.person("Zhao", nil)
        let asked = try door.ask(zhao, "it_admin", as: try door.session(of: wang))
        #expect(asked.json["state"]?.text == "waiting")
        #expect(try door.edit(wang, #"{"state":"suspended"}"#).status == 200)
        #expect(try confirm(asked, as: second).code == "grant.giver_gone")
        #expect(try door.edit(wang, #"{"state":"active"}"#).status == 200)
        #expect(try door.strip(wang).status == 200)
        #expect(try confirm(asked, as: second).code == "grant.giver_gone")
        try door.grant(.owner, to: wang)
        #expect(try confirm(asked, as: second).json["state"]?.text == "active")
    }

    @Test func `a loan that waits is confirmed only while the lender holds the role`() throws {
        _ = try door.person("Chen", .owner)
        let wang = try door.person("Wang", .itAdmin)
        let zhao = try door.person("Zhao", nil)
        let lender = try door.session(of: wang)
        let own = try door.house.send(.get, "/api/v1/session/grants", as: lender)
        let grant = own.json["items"]?[0]?["id"]?.text ?? ""
        let loan = try door.house.send(
            .post, "/api/v1/session/loans",
            json: #"{"grant":"\#(grant)","user":"Zhao","until":"\#(try later(3600))"}"#,
            as: lender)
        #expect(loan.json["state"]?.text == "waiting", "\(loan.text)")
        #expect(try door.edit(wang, #"{"state":"suspended"}"#).status == 200)
        #expect(try confirm(loan, as: lin).code == "grant.giver_gone")
        #expect(try door.edit(wang, #"{"state":"active"}"#).status == 200)
        #expect(try confirm(loan, as: lin).status == 200)
        #expect(try door.house.store.read { try $0.grantsInForce(of: zhao).count } == 1)
    }

    @Test func `whoever could agree counts as the second person, whatever they may look at`() throws
    {
        let wang = try door.person("Wang", nil)
        _ = try door.house.send(
            .post, "/api/v1/warehouses", json: #"{"code":"N","name":"North","firstBin":null}"#)
        let rows = #","reads":[{"dimension":"warehouse","values":[1]}]"#
        #expect(try door.ask(wang, "owner", rows, as: .root).status == 201)
        let zhao = try door.person("Zhao", nil)
        #expect(try door.ask(zhao, "it_admin", as: lin).json["state"]?.text == "waiting")
    }

    @Test func `what will be in one hand is warned of before it is`() throws {
        let wang = try door.person("Wang", nil)
        let more = #","from":"\#(try later(3600))""#
        #expect(try door.ask(wang, "receiver", more, as: lin).status == 201)
        let warned = try door.ask(wang, "counter", more, as: lin)
        #expect(warned.code == "grant.conflicts", "\(warned.text)")
        _ = try door.person("Chen", .owner)
        let zhao = try door.person("Zhao", nil)
        let (accounts, roles) = (
            try role("Accounts", ["user.manage"]), try role("Roles", ["grant.manage"])
        )
        #expect(try door.ask(zhao, accounts, as: lin).json["state"]?.text == "waiting")
        #expect(try door.ask(zhao, roles, as: lin).code == "grant.conflicts")
    }

    @Test func `what does not count now is told, however much has ended since`() throws {
        let wang = try door.person("Wang", nil)
        let more = #","from":"\#(try later(3600))""#
        #expect(try door.ask(wang, "picker", more, as: lin).status == 201)
        for _ in 0...GrantRule.most {
            #expect(try end(try door.ask(wang, "marketing", as: lin)).status == 200)
        }
        let why = try door.house.send(
            .get, "/api/v1/users/\(wang)/explanation?permission=scan.make", as: lin)
        #expect(why.json["allowed"] == .flag(false))
        #expect(why.json["dormant"]?.elements.count == 1)
    }

    @Test func `whoever lends a role to somebody neither signs them out nor fills their hands`()
        throws
    {
        let lender = try door.session(of: try door.person("Wang", .picker))
        let zhao = try door.person("Zhao", .accountant)
        let session = try door.session(of: zhao)
        func may() throws -> Bool {
            let now = try door.house.send(.get, "/api/v1/session", as: session).json
            return now["permissions"]?.elements.contains(.text("scan.make")) ?? false
        }
        #expect(try !may())
        let own = try door.house.send(.get, "/api/v1/session/grants", as: lender)
        let body = """
            {"grant":"\(own.json["items"]?[0]?["id"]?.text ?? "")","user":"Zhao",\
            "until":"\(try later(3600))"}
            """
        func lend() throws -> Answer {
            try door.house.send(.post, "/api/v1/session/loans", json: body, as: lender)
        }
        for sender in [lender, session] {
            let loan = try lend()
            #expect(loan.status == 201, "\(loan.text)")
            #expect(try may())
            #expect(try lend().code == "grant.not_lendable")
            let back = try door.house.send(
                .post, "/api/v1/session/loans/\(loan.json["id"]?.text ?? "")/end", json: "{}",
                as: sender)
            #expect(back.status == 200, "\(back.text)")
            #expect(try door.look(session) == 200)
            #expect(try !may())
        }
    }

    @Test func `an explanation is of rows that there can be`() throws {
        for row in ["dimension=moon&value=1", "dimension=warehouse", "value=1"] {
            let why = try door.house.send(
                .get, "/api/v1/users/usr-1/explanation?permission=stock.see&\(row)", as: lin)
            #expect(why.code == "grant.rows", "\(row): \(why.text)")
        }
    }

    @Test func `who gave a role is named to those who may read names`() throws {
        let ids = [try door.person("Wang", .picker), try door.person("Zhao", .receiver)]
        for (id, sees) in zip(ids, [false, true]) {
            let own = try door.house.send(
                .get, "/api/v1/session/grants", as: try door.session(of: id))
            let given = own.json["items"]?[0]?["given"]
            #expect(given?["actor"]?.text == "system:test")
            #expect((given?["name"]?.text != nil) == sees, "\(own.text)")
        }
    }
}
