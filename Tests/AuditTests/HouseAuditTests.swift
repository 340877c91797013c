// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Access
import Kernel
import ModuleKit
import SealedStore
import TestKit
import Testing
import Web

@testable import Appliance
@testable import Audit
@testable import Journal

/// The audit of a whole house, by its API.
@Suite struct HouseAuditTests {
    @Test func `an entry says who asked what from where`() throws {
        let house = try TestHouse()
        let (id, token) = try house.person("Lin")
        let answer = try house.send(
            .post, "/api/v1/warehouses", json: #"{"code":"W","name":"West","firstBin":null}"#,
            as: .session(token))
        #expect(answer.status == 201)
        let entry = try #require(try house.entries("stock.warehouse_added").last)
        #expect(entry.actor == id)
        #expect(
            entry.origin
                == Origin(
                    address: "127.0.0.1", credential: "session", route: "POST /api/v1/warehouses"))
        try house.run(job: "audit.anchor")
        let anchored = try #require(try house.entries("audit.anchored").last)
        #expect(anchored.origin == .own("job", "audit.anchor"))
    }

    @Test func `changes carry what was before and after`() throws {
        let house = try TestHouse()
        let goods = try house.goods("A", barcode: "A-1")
        let item = try house.send(.get, "/api/v1/items/\(goods.item)")
        let tag = try #require(item.json["etag"]?.text)
        _ = try house.send(
            .patch, "/api/v1/items/\(goods.item)", json: #"{"name":"Better tea"}"#,
            headers: [("If-Match", "\"\(tag)\"")])
        let changed = try house.facts(try #require(try house.entries("catalog.item_changed").last))
        #expect(changed["name"]?[0]?.text == "Goods A")
        #expect(changed["name"]?[1]?.text == "Better tea")
        _ = try house.send(.post, "/api/v1/items/\(goods.item)/retirement", json: "{}")
        let retired = try house.facts(try #require(try house.entries("catalog.item_retired").last))
        #expect(retired["state"]?[0]?.text == "active")
        #expect(retired["state"]?[1]?.text == "retired")
    }

    @Test func `who was refused is kept, once a minute, and costs the request nothing`() throws {
        let house = try TestHouse()
        let (id, token) = try house.person("Wang", .support)
        for _ in 0..<5 {
            #expect(try house.send(.get, "/api/v1/users", as: .session(token)).status == 403)
        }
        #expect(try house.entries("audit.request_refused").isEmpty)
        house.house.clerk.write()
        let entry = try #require(try house.entries("audit.request_refused").last)
        let facts = try house.facts(entry)
        #expect(entry.actor == id)
        #expect(entry.origin?.route == "GET /api/v1/users")
        #expect(facts["code"]?.text == "access.forbidden")
        #expect(facts["count"]?.integer == 5)
    }

    @Test func `a token that is no good is kept with its address, a guest who looks is not`() throws
    {
        let house = try TestHouse()
        #expect(try house.send(.get, "/api/v1/users", as: .guest).status == 401)
        #expect(try house.send(.get, "/api/v1/users", as: .device("sld_no")).status == 401)
        house.house.clerk.write()
        let entries = try house.entries("audit.request_refused")
        #expect(entries.count == 1)
        #expect(entries.first?.actor == "guest")
        #expect(entries.first?.origin?.address == "127.0.0.1")
    }

    @Test func `who reads people, devices or the journal is kept; who reads goods is not`() throws {
        let house = try TestHouse()
        let (id, token) = try house.person("Lin")
        for path in ["users", "devices", "journal", "items"] {
            #expect(
                try house.send(.get, "/api/v1/\(path)?limit=5", as: .session(token)).status == 200)
        }
        house.house.clerk.write()
        let entries = try house.entries("audit.records_read")
        #expect(entries.allSatisfy { $0.actor == id })
        #expect(
            Set(entries.compactMap { $0.origin?.route })
                == ["GET /api/v1/users", "GET /api/v1/devices", "GET /api/v1/journal"])
    }

    @Test func `a list that is made a file of is kept`() throws {
        let house = try TestHouse()
        let (_, token) = try house.person("Lin", .support)
        _ = try house.send(
            .get, "/api/v1/items?limit=200", as: .session(token),
            headers: [("Sluice-Purpose", "export")])
        house.house.clerk.write()
        #expect(try house.entries("audit.list_exported").count == 1)
    }

    @Test func `the journal is read by filters, and only by whoever may`() throws {
        let house = try TestHouse()
        try house.bin("A-01")
        let (_, token) = try house.person("Wang", .support)
        #expect(try house.send(.get, "/api/v1/journal", as: .session(token)).status == 403)
        #expect(
            try house.send(.post, "/api/v1/journal/exports", json: "{}", as: .session(token)).status
                == 403)
        #expect(try house.send(.get, "/api/v1/findings", as: .session(token)).status == 403)
        house.house.clerk.write()
        let refused = try house.send(.get, "/api/v1/journal?outcome=refused")
        #expect(refused.json["items"]?[0]?["refused"]?.flag == true)
        #expect(refused.json["items"]?[0]?["origin"]?["address"]?.text == "127.0.0.1")
        let here = try house.send(.get, "/api/v1/journal?address=127.0.0.1")
        #expect(here.json["items"]?[0]?["kind"]?.text == "audit.request_refused")
        let nowhere = try house.send(.get, "/api/v1/journal?address=10.99.0.1")
        #expect(nowhere.json["items"]?[0] == nil)
    }

    @Test func `an anchor is made once for what was told, and compared`() throws {
        let house = try TestHouse()
        #expect(
            try house.send(.post, "/api/v1/journal/anchors", json: "{}").code == "anchor.nothing")
        try house.bin("A-01")
        let first = try house.send(.post, "/api/v1/journal/anchors", json: "{}")
        let line = try #require(first.json["line"]?.text)
        try house.run(job: "audit.anchor")
        #expect(try house.entries("audit.anchored").count == 1)
        let body = #"{"anchors":["\#(line)"]}"#
        let good = try house.send(.post, "/api/v1/journal/verification", json: body)
        #expect(good.json["ok"]?.flag == true)
        #expect(try house.entries("audit.journal_verified").count == 1)
        #expect(
            try house.send(
                .post, "/api/v1/journal/verification", json: #"{"anchors":["no line"]}"#
            ).code == "anchor.malformed")
        try house.store.write { tx in
            for name in ["event", "anchor"] {
                try tx.runUntold("DROP TRIGGER journal_\(name)_remains")
                try tx.runUntold("DELETE FROM journal_\(name)")
            }
        }
        let bad = try house.send(.post, "/api/v1/journal/verification", json: body)
        #expect(bad.json["ok"]?.flag == false)
        #expect(bad.json["fault"]?.text == "cut")
        #expect(bad.json["seq"]?.integer == 1)
    }

    @Test func `an export is signed, told, and any change of it is found`() throws {
        let house = try TestHouse()
        try house.bin("A-01")
        let request =
            #"{"kind":null,"actor":null,"subject":null,"address":null,"since":null,"until":null}"#
        let answer = try house.send(.post, "/api/v1/journal/exports", json: request)
        #expect(answer.status == 200)
        let content = Array(try #require(answer.json["content"]?.text).utf8)
        let signature = try #require(answer.json["signature"]?.text)
        let key = try #require(try house.send(.get, "/api/v1/journal/key").json["key"]?.text)
        let found = try ExportCheck.check(content, signature: signature, key: key)
        #expect(found.key == key)
        #expect(Int64(found.entries) == answer.json["rows"]?.integer)
        #expect(try house.entries("audit.journal_exported").count == 1)
        var dice = SeededDice()
        for _ in 0..<200 {
            var changed = content
            let place = Int(dice.next() % UInt64(content.count))
            changed[place] ^= UInt8(1 << (dice.next() % 8))
            #expect(throws: ExportFault.changed, "seed \(dice.seed), byte \(place)") {
                _ = try ExportCheck.check(changed, signature: signature, key: key)
            }
        }
        #expect(throws: ExportFault.otherKey(key)) {
            _ = try ExportCheck.check(
                content, signature: signature, key: String(repeating: "0", count: 64))
        }
        let forged = signature.replacing(
            "signature ", with: "signature 00", maxReplacements: 2)
        #expect(throws: ExportFault.self) {
            _ = try ExportCheck.check(content, signature: forged, key: key)
        }
    }

    @Test func `a finding is told once, cleared with a reason, and not told again for the same`()
        throws
    {
        let house = try TestHouse(running: true)
        try house.run(job: "audit.watch")
        let (id, _) = try house.person("Lin")
        func fail(_ count: Int) throws {
            for _ in 0..<count {
                try house.store.write { tx in
                    try tx.tell(
                        EventKind("access.sign_in_refused", needs: AuditPermission.see),
                        about: id, ["address": .text("10.0.0.66")], by: .guest)
                }
            }
        }
        try fail(Int(WatchLimit.failuresOfAccount))
        try house.run(job: "audit.watch")
        try fail(1)
        try house.run(job: "audit.watch")
        #expect(try house.outcome(ofJob: "audit.watch") == "done 0 findings")
        #expect(try house.entries("audit.finding_raised").count == 1)
        let open = try house.send(.get, "/api/v1/findings").json["items"]
        #expect(open?[0]?["rule"]?.text == "failed_sign_ins")
        #expect(open?[0]?["count"]?.integer == WatchLimit.failuresOfAccount + 1)
        let finding = try #require(open?[0]?["id"]?.text)
        let clear = #"{"reason":"Lin was on holiday, the password is changed"}"#
        let path = "/api/v1/findings/\(finding)/clearance"
        #expect(try house.send(.post, path, json: clear).json["state"]?.text == "cleared")
        #expect(try house.send(.post, path, json: clear).code == "finding.cleared")
        try house.run(job: "audit.watch")
        #expect(try house.send(.get, "/api/v1/findings").json["items"]?[0] == nil)
        try fail(1)
        try house.run(job: "audit.watch")
        #expect(try house.send(.get, "/api/v1/findings").json["items"]?[0] != nil)
    }

    @Test func `the nightly check fails and is a finding when an entry was changed`() throws {
        let house = try TestHouse(running: true)
        try house.bin("A-01")
        try house.run(job: "audit.verify")
        #expect(try house.outcome(ofJob: "audit.verify").hasPrefix("done"))
        try house.store.write { tx in
            try tx.runUntold("DROP TRIGGER journal_event_stays")
            try tx.runUntold("UPDATE journal_event SET actor = 'usr-9' WHERE seq = 1")
        }
        for _ in 0..<2 { try house.run(job: "audit.verify") }
        #expect(try house.outcome(ofJob: "audit.verify") == "failed journal.broken")
        let open = try house.send(.get, "/api/v1/findings").json["items"]
        #expect(open?[0]?["rule"]?.text == "journal_broken")
        #expect(open?[1] == nil)
    }

    @Test func `every kind that the rules look at is told by some room`() {
        let (modules, _) = allModules()
        let kinds = Set((modules.flatMap(\.events) + SystemEvent.all).map(\.name))
        #expect(Watched.all.subtracting(kinds) == [])
    }
}
