// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Inventory

extension TestHouse {
    /// All items of a list, page by page.
    func listed(_ path: String, limit: Int) throws -> [JSON] {
        let mark = path.contains("?") ? "&" : "?"
        var all: [JSON] = []
        var after = ""
        while true {
            let page = try send(.get, "\(path)\(mark)limit=\(limit)\(after)")
            guard page.status == 200 else { throw NoList(description: page.text) }
            all += page.json["items"]?.elements ?? []
            guard let next = page.json["next"]?.text else { return all }
            after = "&after=\(next)"
        }
    }

    struct NoList: Error, CustomStringConvertible {
        let description: String
    }
}

@Suite struct StockAPITests {
    private let lots = Tracking(lot: true, expiry: true, serial: false)

    /// Milk in two lots and two warehouses, tea in one bin.
    private func filled() throws -> (TestHouse, milk: Goods, tea: Goods) {
        let house = try TestHouse()
        let (here, there) = (try house.bin("A-01"), try house.bin("B-01", in: "SPARE"))
        let milk = try house.goods("MILK", tracking: lots)
        let tea = try house.goods("TEA", caseOf: 24)
        let (soon, late) = (try BusinessDay("2026-12-01"), try BusinessDay("2027-06-30"))
        try house.receive("5", of: milk, at: here, lot: "L1", expiry: soon)
        try house.receive("7", of: milk, at: there, lot: "L2", expiry: late)
        try house.receive("2", of: tea, at: here, packaging: tea.caseOf)
        try house.clock.pass(seconds: 86_400)
        try house.ship("3", of: tea, from: here)
        return (house, milk, tea)
    }

    private func post(_ house: TestHouse, _ json: String) throws -> Answer {
        try house.send(.post, "/api/v1/stock/movements", json: json)
    }

    @Test func `a movement by hand is answered as it was booked`() throws {
        let (house, _, tea) = try filled()
        let answer = try post(
            house,
            """
            {"kind":"adjust","variant":"\(tea.variant)","count":"2","place":"plc-4",
            "change":"decrease","reason":"damaged","note":"fell"}
            """)
        #expect(answer.status == 201, "\(answer.text)")
        #expect(answer.json["quantity"]?.text == "2")
        #expect(answer.json["from"]?["code"]?.text == "A-01")
        #expect(answer.json["to"]?["outside"]?.text == "loss")
        #expect(answer.json["to"]?["id"] == .null)
        #expect(answer.json["entered"] == .null)
        #expect(answer.json["reason"]?.text == "damaged")
        let id = answer.json["id"]?.text ?? ""
        let back = try house.send(
            .post, "/api/v1/stock/movements/\(id)/reversal", json: #"{"reason":"found whole"}"#)
        #expect(back.status == 201)
        #expect(back.json["reverses"]?.text == id)
        let seen = try house.send(.get, "/api/v1/stock/movements/\(id)")
        #expect(seen.json["reversedBy"]?.text == back.json["id"]?.text)
    }

    @Test func `what was counted in cases says so`() throws {
        let (house, _, _) = try filled()
        let movement = try house.send(.get, "/api/v1/stock/movements/mov-3").json
        #expect(movement["quantity"]?.text == "48")
        #expect(movement["entered"]?["count"]?.text == "2")
        #expect(movement["entered"]?["packaging"]?.text == "case")
    }

    @Test func `the lists give what their filters say, page by page`() throws {
        let (house, milk, tea) = try filled()
        let cases: [(String, [String])] = [
            ("/api/v1/stock/levels", ["12", "45"]), ("/api/v1/stock/levels?q=milk", ["12"]),
            ("/api/v1/stock/levels?warehouse=whs-2", ["7"]),
            ("/api/v1/stock/balances", ["5", "7", "45"]),
            ("/api/v1/stock/balances?variant=\(tea.variant)", ["45"]),
            ("/api/v1/stock/balances?item=\(milk.item)&warehouse=whs-1", ["5"]),
            ("/api/v1/stock/balances?place=plc-5", ["7"]),
            ("/api/v1/stock/balances?lot=lot-2", ["7"]),
            ("/api/v1/stock/balances?q=nobody", []),
            ("/api/v1/stock/movements", ["3", "48", "7", "5"]),
            ("/api/v1/stock/movements?item=\(milk.item)", ["7", "5"]),
            ("/api/v1/stock/movements?variant=\(tea.variant)&kind=ship", ["3"]),
            ("/api/v1/stock/movements?place=plc-4", ["3", "48", "5"]),
            ("/api/v1/stock/movements?lot=lot-1", ["5"]),
            ("/api/v1/stock/movements?since=2026-11-23T20:00:00Z", ["3"]),
            ("/api/v1/stock/movements?until=2026-11-23T20:00:00Z", ["48", "7", "5"]),
        ]
        for (path, quantities) in cases {
            for limit in [1, 2, 200] {
                let found = try house.listed(path, limit: limit)
                #expect(found.map { $0["quantity"]?.text } == quantities, "\(path) \(limit)")
            }
        }
        let codes = try house.listed("/api/v1/places?kind=bin", limit: 1).map { $0["code"]?.text }
        #expect(codes == ["A-01", "B-01"])
        #expect(try house.listed("/api/v1/warehouses", limit: 1).count == 2)
        #expect(try house.listed("/api/v1/lots?variant=\(milk.variant)", limit: 1).count == 2)
    }

    @Test func `a single level is read for a bin or for all`() throws {
        let (house, milk, _) = try filled()
        func level(_ query: String) throws -> Answer {
            try house.send(.get, "/api/v1/stock/level?variant=\(milk.variant)\(query)")
        }
        #expect(try level("").json["quantity"]?.text == "12")
        #expect(try level("&place=plc-4").json["quantity"]?.text == "5")
        #expect(try level("&place=plc-99").code == "stock.place_unknown")
        #expect(try house.send(.get, "/api/v1/stock/level?variant=var-99").status == 404)
    }

    @Test func `the home screen counts the day, the fortnight and what expires soon`() throws {
        let (house, _, _) = try filled()
        let overview = try house.send(.get, "/api/v1/stock/overview").json
        let figures = [
            "items", "stockedVariants", "bins", "movementsToday", "receivedToday", "shippedToday",
            "expiringSoon",
        ].map { overview[$0]?.integer }
        #expect(figures == [2, 2, 2, 1, 0, 1, 1])
        let days = overview["days"]?.elements ?? []
        #expect(days.count == 14)
        #expect(days[12]["received"]?.integer == 3)
        #expect(days[13]["shipped"]?.integer == 1)
        #expect(overview["latest"]?.elements.first?["id"]?.text == "mov-4")
    }

    @Test func `each kind by hand needs its permission`() throws {
        let house = try TestHouse()
        let tea = try house.goods("TEA")
        let bin = try house.bin("A-01")
        let json = """
            {"kind":"receive","variant":"\(tea.variant)","count":"1","place":"\(bin)"}
            """
        #expect(
            try house.send(.post, "/api/v1/stock/movements", json: json, as: .guest).status == 401)
        for path in ["stock/levels", "stock/balances", "stock/movements", "warehouses", "places"] {
            #expect(try house.send(.get, "/api/v1/\(path)", as: .guest).status == 401)
        }
        #expect(
            MovementKind.allCases.map { StockPermission.needed(for: $0).code }
                == ["stock.receive", "stock.ship", "stock.move", "stock.adjust"])
    }

    @Test func `places are added, renamed and closed, and a code names one place`() throws {
        let house = try TestHouse()
        func add(_ path: String, _ json: String) throws -> Answer {
            try house.send(.post, "/api/v1/\(path)", json: json)
        }
        let main = try add("warehouses", #"{"code":"MAIN","name":"Main","firstBin":"A-01"}"#)
        #expect(main.status == 201)
        #expect(main.json["bins"]?.integer == 1)
        #expect(
            try add("warehouses", #"{"code":"main","name":"x"}"#).code
                == "stock.warehouse_code_taken")
        let zone = try add(
            "places", #"{"warehouse":"whs-1","kind":"zone","code":"Z","name":"Cold"}"#)
        let id = zone.json["id"]?.text ?? ""
        let refused = [
            (#"{"warehouse":"whs-1","kind":"bin","code":"a-01"}"#, "stock.place_code_taken"),
            (#"{"warehouse":"whs-9","kind":"bin","code":"Q"}"#, "stock.warehouse_unknown"),
            (
                #"{"warehouse":"whs-1","kind":"bin","code":"Q","parent":"plc-4"}"#,
                "stock.parent_not_zone"
            ),
            (
                #"{"warehouse":"whs-1","kind":"zone","code":"Q","parent":"\#(id)"}"#,
                "stock.parent_not_zone"
            ),
        ]
        for (json, code) in refused { #expect(try add("places", json).code == code) }
        for code in [":supplier", "-A", "A 1", ""] {
            let answer = try add("places", #"{"warehouse":"whs-1","kind":"bin","code":"\#(code)"}"#)
            #expect(answer.status == 422, "\(code)")
        }
        let tag = zone.response.header("etag") ?? ""
        let edit = try house.send(
            .patch, "/api/v1/places/\(id)", json: #"{"state":"closed"}"#,
            headers: [("If-Match", tag)])
        #expect(edit.json["state"]?.text == "closed")
        let stale = try house.send(
            .patch, "/api/v1/places/\(id)", json: #"{"name":"x"}"#, headers: [("If-Match", tag)])
        #expect(stale.status == 412)
        #expect(
            try house.send(.get, "/api/v1/stock/movements/mov-9").code == "stock.movement_unknown")
    }

    @Test func `the nightly job fails when a balance is wrong`() throws {
        let house = try TestHouse(running: true)
        try house.receive("5", of: try house.goods("TEA"), at: try house.bin("A-01"))
        try house.run(job: "inventory.verify")
        #expect(try house.outcome(ofJob: "inventory.verify") == "done 1 movements")
        try house.store.write {
            try $0.runUntold("UPDATE stock_balance SET amount = 6 WHERE outside = 0")
        }
        try house.run(job: "inventory.verify")
        #expect(try house.outcome(ofJob: "inventory.verify") == "failed stock.books_differ")
    }
}
