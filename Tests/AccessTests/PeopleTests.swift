// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Access

@Suite struct PeopleTests {
    @Test func `an administrator adds people, each name once`() throws {
        let door = try Door()
        let head = try door.head()
        func add(_ name: String, _ password: String = goodPassword) throws -> Answer {
            try door.house.send(
                .post, "/api/v1/users",
                json: """
                    {"name":"\(name)","password":"\(password)","role":"receiver","language":"en"}
                    """)
        }
        let added = try add("Wang")
        #expect(added.status == 201)
        #expect(added.json["state"]?.text == "active")
        #expect(try add("WANG").code == "user.name_taken")
        #expect(try add("Zhao", "Zhao").code == "password.too_short")
        #expect(try door.house.told(after: head) == ["access.user_added", "access.granted"])
        #expect(try door.house.places(of: goodPassword) == [])
        let list = try door.house.send(.get, "/api/v1/users?limit=1")
        #expect(list.json["items"]?.elements.map { $0["name"]?.text } == ["Lin"])
        let next = try #require(list.json["next"]?.text)
        let rest = try door.house.send(.get, "/api/v1/users?limit=1&after=\(next)")
        #expect(rest.json["items"]?.elements.map { $0["name"]?.text } == ["Wang"])
        #expect(rest.json["next"] == .null)
    }

    @Test func `the last administrator stays one`() throws {
        let door = try Door()
        let lin: ID<User> = ID(1)
        #expect(try door.edit(lin, #"{"state":"suspended"}"#).code == "user.last_administrator")
        #expect(try door.strip(lin).code == "user.last_administrator")
        let other = try door.person("Wang", .owner)
        #expect(try door.edit(other, #"{"state":"suspended"}"#).status == 200)
        #expect(try door.strip(lin).code == "user.last_administrator")
        #expect(try door.edit(other, #"{"state":"active"}"#).status == 200)
        #expect(try door.strip(lin).status == 200)
        #expect(try door.strip(other).code == "user.last_administrator")
        // What does not touch the matter is allowed to the last one, too.
        #expect(try door.edit(other, #"{"language":"en"}"#).status == 200)
    }

    @Test func `an edit names the version that it was made on`() throws {
        let door = try Door()
        let wang = try door.person("Wang", .support)
        let tag = try door.etag(wang)
        #expect(try door.edit(wang, #"{"language":"zh-CN"}"#).status == 200)
        let stale = try door.house.send(
            .patch, "/api/v1/users/\(wang)", json: #"{"language":"en"}"#,
            headers: [("If-Match", tag)])
        #expect(stale.status == 412)
        let bare = try door.house.send(
            .patch, "/api/v1/users/\(wang)", json: #"{"language":"en"}"#)
        #expect(bare.status == 428)
    }

    @Test func `an administrator sets a password, which ends the user's sessions`() throws {
        let door = try Door()
        let wang = try door.person("Wang", .support)
        let session = try door.session(of: wang)
        #expect(try door.look(session) == 200)
        let answer = try door.house.send(
            .post, "/api/v1/users/\(wang)/password", json: #"{"password":"quiet river stone"}"#)
        #expect(answer.status == 204)
        #expect(try door.look(session) == 401)
        #expect(try door.signIn("Wang", "quiet river stone").status == 201)
    }

    @Test func `only those who may manage people and devices see them`() throws {
        let door = try Door()
        let senders: [(TestHouse.Sender, Int)] = [
            (.guest, 401), (try door.session(of: try door.person("Wang", .receiver)), 403),
            (try door.session(of: try door.person("Zhao", .support)), 403),
            (try door.session(of: ID(1)), 200),
        ]
        for path in ["users", "devices", "roles"] {
            for (sender, status) in senders {
                #expect(try door.house.send(.get, "/api/v1/\(path)", as: sender).status == status)
            }
        }
    }

    @Test func `somebody who is not there is not found`() throws {
        let door = try Door()
        #expect(try door.house.send(.get, "/api/v1/users/usr-99").code == "user.unknown")
        #expect(
            try door.house.send(.post, "/api/v1/devices/dev-99/revocation", json: "{}").code
                == "device.unknown")
    }
}

@Suite struct DeviceTests {
    private func added(
        _ door: Door, _ name: String = "Dock 1", warehouse: String? = nil
    ) throws -> Answer {
        let place = warehouse.map { "\"\($0)\"" } ?? "null"
        return try door.house.send(
            .post, "/api/v1/devices", json: #"{"name":"\#(name)","warehouse":\#(place)}"#)
    }

    private func scan(_ door: Door, _ token: String) throws -> Answer {
        try door.house.send(
            .post, "/api/v1/scans",
            json: """
                {"event":"1b4e28ba-2fa1-4d63-883f-0016d3cca427","task":"look","code":"%CUNDO"}
                """, as: .device(token))
    }

    @Test func `a device's token is shown once and kept nowhere`() throws {
        let door = try Door()
        let answer = try added(door)
        #expect(answer.status == 201)
        let token = try #require(answer.json["token"]?.text)
        #expect(token.hasPrefix("sld_"))
        #expect(token.count == 56)
        #expect(try scan(door, token).status == 200)
        #expect(try door.house.places(of: token) == [])
        #expect(try added(door).code == "device.name_taken")
        let list = try door.house.send(.get, "/api/v1/devices")
        #expect(!list.text.contains(token))
    }

    @Test func `session tokens and the set-up code are kept nowhere, either`() throws {
        let house = try TestHouse()
        let code = try #require(try house.store.write { try renewSetupCode(in: $0) })
        #expect(try house.places(of: code) == [])
        #expect(try house.places(of: code.filter { $0 != "-" }) == [])
        let door = try Door()
        let token = try #require(try door.signIn("Lin").session)
        #expect(try door.house.places(of: token) == [])
        #expect(try door.house.places(of: "Lin").sorted().contains("access_user.name"))
    }

    @Test func `a device can scan and nothing else`() throws {
        let door = try Door()
        let token = try #require(try added(door).json["token"]?.text)
        var asked = 0
        for endpoint in door.house.endpoints {
            guard case .permission(let permission) = endpoint.need, permission.code != "scan.make"
            else { continue }
            let path = endpoint.path.description.split(separator: "/").map {
                $0.hasPrefix("{") ? "x-1" : String($0)
            }
            let answer = try door.house.send(
                endpoint.method, "/" + path.joined(separator: "/"), as: .device(token))
            #expect(answer.status == 403, "\(endpoint.name)")
            asked += 1
        }
        #expect(asked > 30)
        let byHand = try door.house.send(
            .post, "/api/v1/stock/movements",
            json: #"{"kind":"receive","variant":"var-1","count":"1","place":"plc-4"}"#,
            as: .device(token))
        #expect(byHand.status == 403)
    }

    @Test func `a device that is revoked is refused at once, and for good`() throws {
        let door = try Door()
        let answer = try added(door)
        let token = try #require(answer.json["token"]?.text)
        let id = try #require(answer.json["device"]?["id"]?.text)
        #expect(try scan(door, token).status == 200)
        let head = try door.head()
        for _ in 0..<2 {
            let revoked = try door.house.send(
                .post, "/api/v1/devices/\(id)/revocation", json: "{}")
            #expect(revoked.json["state"]?.text == "revoked")
        }
        #expect(try scan(door, token).status == 401)
        #expect(try door.house.told(after: head) == ["access.device_revoked"])
    }

    @Test func `what is revoked behind the house's back is refused within a second`() throws {
        let door = try Door()
        let token = try #require(try added(door).json["token"]?.text)
        #expect(try scan(door, token).status == 200)
        try door.house.store.write {
            try $0.runUntold("UPDATE access_device SET state = 'revoked'")
        }
        try door.clock.pass(seconds: 1)
        #expect(try scan(door, token).status == 401)
    }

    @Test func `a token that is none of ours is refused, not taken for a guest's`() throws {
        let door = try Door()
        #expect(
            try door.house.send(.get, "/api/v1/setup", as: .device("sld_nothing")).status == 401)
        let odd = try door.house.send(
            .get, "/api/v1/setup", as: .guest, headers: [("Authorization", "Basic bGluOng=")])
        #expect(odd.status == 401)
    }

    @Test func `the last use of a device is known to the minute`() throws {
        let door = try Door()
        let answer = try added(door)
        let token = try #require(answer.json["token"]?.text)
        #expect(answer.json["device"]?["lastSeenAt"] == .null)
        _ = try scan(door, token)
        try door.house.store.write { _ in }
        let list = try door.house.send(.get, "/api/v1/devices").json["items"]?.elements
        #expect(list?.first?["lastSeenAt"]?.text == door.clock.now().rfc3339)
    }
}
