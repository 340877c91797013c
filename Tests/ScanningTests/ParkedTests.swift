// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Inventory
import Kernel
import ModuleKit
import SealedStore
import TestKit
import Testing
import Web

@testable import Scanning

@Suite struct ParkedTests {
    private let code = "6901234567892"

    private func act(
        _ gun: Gun, _ id: String, _ what: String, _ json: String = "{}",
        as sender: TestHouse.Sender = .root
    ) throws -> Answer {
        try gun.house.send(.post, "/api/v1/parked-codes/\(id)/\(what)", json: json, as: sender)
    }

    private func attach(_ gun: Gun, _ id: String, _ goods: Goods) throws -> Answer {
        try act(gun, id, "attachment", #"{"packaging":"\#(goods.each)"}"#)
    }

    private func park(
        _ gun: Gun, _ task: String = "receive", code: String? = nil, count: String? = nil
    ) throws -> String {
        let answer = try gun.scan(task, code ?? self.code, count: count)
        #expect((answer.outcome, answer.beep) == ("parked", "attention"), "\(answer.text)")
        return try #require(answer.json["parked"]?.text)
    }

    private func listed(_ gun: Gun, _ state: String) throws -> [JSON] {
        try gun.house.send(.get, "/api/v1/parked-codes?state=\(state)").json["items"]?.elements
            ?? []
    }

    @Test func `a code that nobody knows is kept with everything that was scanned`() throws {
        let gun = try Gun()
        let head = try gun.house.head()
        let id = try park(gun, count: "5")
        #expect(try gun.house.told(after: head) == ["scan.parked"])
        let parked = try #require(try listed(gun, "open").first)
        #expect(parked["id"]?.text == id)
        #expect(parked["code"]?.text == code)
        #expect(parked["place"]?.text == "A-01")
        #expect(parked["count"]?.text == "5")
        #expect(parked["known"]?.flag == false)
        #expect(parked["by"]?.text == "sluicectl")
    }

    @Test
    func `a parked scan that comes back after its answer was forgotten is still the same one`()
        throws
    {
        let gun = try Gun()
        func send() throws -> String {
            let answer = try gun.house.send(
                .post, "/api/v1/scans",
                json:
                    #"{"event":"0193a7c8-0000-7000-8000-000000000001","task":"receive","place":"A-01","code":"\#(code)"}"#
            )
            #expect(answer.status == 200, "\(answer.text)")
            return try #require(answer.json["parked"]?.text)
        }
        let id = try send()
        try gun.house.clock.pass(seconds: 40 * 86_400)
        #expect(try gun.house.store.write { try $0.forgetAnswers(limit: 100) } > 0)
        #expect(try send() == id)
        #expect(try listed(gun, "open").count == 1)
    }

    @Test func `once it is said what a code is, its scans are carried out in their order`() throws {
        let gun = try Gun()
        // Shipping first would be refused: the order in which the goods moved decides.
        let first = try park(gun, count: "5")
        try gun.house.clock.pass(seconds: 1)
        _ = try park(gun, "ship", count: "4")
        try gun.house.clock.pass(seconds: 1)
        _ = try park(gun, count: "2")
        let tea = try gun.house.goods("TEA")
        let head = try gun.house.head()
        let answer = try attach(gun, first, tea)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["state"]?.text == "resolved")
        #expect(answer.json["movement"]?.text == "mov-1")
        #expect(try gun.house.level(of: tea, at: gun.bin) == "3")
        #expect(try listed(gun, "open").isEmpty)
        #expect(try listed(gun, "resolved").count == 3)
        #expect(
            try gun.house.told(after: head) == [
                "catalog.code_added", "stock.moved", "scan.parked_resolved", "stock.moved",
                "scan.parked_resolved", "stock.moved", "scan.parked_resolved",
            ])
        #expect(try gun.scan("ship", code).balance == "2")
    }

    @Test func `a scan that is refused now stays open with its reason, and holds up no other`()
        throws
    {
        let gun = try Gun()
        let ship = try park(gun, "ship", count: "4")
        try gun.house.clock.pass(seconds: 1)
        _ = try park(gun, count: "5")
        let tea = try gun.house.goods("TEA")
        let head = try gun.house.head()
        let answer = try attach(gun, ship, tea)
        #expect(answer.json["state"]?.text == "open", "\(answer.text)")
        #expect(answer.json["reason"]?.text == "stock.insufficient")
        #expect(try gun.house.level(of: tea, at: gun.bin) == "5")
        #expect(
            try gun.house.told(after: head) == [
                "catalog.code_added", "scan.parked_refused", "stock.moved",
                "scan.parked_resolved",
            ])
        // The goods are there by now, so a second try does it.
        #expect(try act(gun, ship, "replay").json["state"]?.text == "resolved")
        #expect(try gun.house.level(of: tea, at: gun.bin) == "1")
        #expect(
            try gun.house.send(.post, "/api/v1/verification", json: "{}").json["ok"]?.flag == true)
    }

    @Test func `when every scan is refused again, that is noted and nothing has moved`() throws {
        let gun = try Gun()
        let tea = try gun.house.goods(
            "TEA", tracking: Tracking(lot: true, expiry: false, serial: false))
        let id = try park(gun)
        #expect(try attach(gun, id, tea).json["reason"]?.text == "stock.lot_required")
        let again = try act(gun, id, "replay")
        #expect(again.status == 200, "\(again.text)")
        #expect(again.json["reason"]?.text == "stock.lot_required")
        #expect(try gun.house.level(of: tea, at: gun.bin) == "0")
    }

    @Test(
        arguments: [
            "]E06901234567892", "]C1010950600013435210LOT7\u{1D}3012", "]C0BOLT-7",
            "(01)09506000134352(10)LOT7", "*BOLT-7*", "  BOLT-7\r\n",
        ])
    func `whatever frames a code, it can be attached and is known from then on`(_ code: String)
        throws
    {
        let gun = try Gun()
        let id = try park(gun, code: code)
        let tea = try gun.house.goods("TEA")
        let answer = try attach(gun, id, tea)
        #expect(answer.json["state"]?.text == "resolved", "\(answer.text)")
        #expect(try gun.scan("ship", code).outcome == "accepted")
    }

    @Test func `the next lot of a parked label is known, too`() throws {
        let gun = try Gun()
        let id = try park(gun, code: "]C1010950600013435210LOT7")
        _ = try attach(gun, id, try gun.house.goods("TEA"))
        #expect(try gun.scan("receive", "]C1010950600013435210LOT8").outcome == "accepted")
        #expect(try gun.scan("receive", "9506000134352").outcome == "accepted")
    }

    @Test func `the house notices by itself that a parked code is known by now`() throws {
        let gun = try Gun()
        let id = try park(gun, count: "5")
        #expect(gun.house.deliver())
        #expect(try listed(gun, "open").first?["known"]?.flag == false)
        #expect(try act(gun, id, "replay").code == "parked.code_still_unknown")
        let tea = try gun.house.goods("TEA", barcode: code)
        #expect(gun.house.deliver())
        #expect(gun.house.deliver())
        #expect(try listed(gun, "open").first?["known"]?.flag == true)
        #expect(try gun.house.level(of: tea, at: gun.bin) == "0")
        #expect(try act(gun, id, "replay").json["state"]?.text == "resolved")
        #expect(try gun.house.level(of: tea, at: gun.bin) == "5")
    }

    @Test func `a parked scan is dismissed with a reason, and that is the end of it`() throws {
        let gun = try Gun()
        let id = try park(gun)
        #expect(try act(gun, id, "dismissal", #"{"reason":""}"#).status == 422)
        let head = try gun.house.head()
        let answer = try act(gun, id, "dismissal", #"{"reason":"a test label"}"#)
        #expect(answer.json["state"]?.text == "dismissed")
        #expect(answer.json["reason"]?.text == "a test label")
        #expect(try gun.house.told(after: head) == ["scan.parked_dismissed"])
        let tea = try gun.house.goods("TEA")
        for refused in [
            try act(gun, id, "dismissal", #"{"reason":"again"}"#), try act(gun, id, "replay"),
            try attach(gun, id, tea),
        ] {
            #expect(refused.code == "lifecycle.illegal")
            #expect(refused.status == 409)
        }
        // Dismissed is the scan, not the code.
        _ = try park(gun)
    }

    @Test func `a code that is another's already cannot be attached`() throws {
        let gun = try Gun()
        let id = try park(gun)
        try gun.house.goods("TEA", barcode: code)
        #expect(try attach(gun, id, try gun.house.goods("CUP")).status == 409)
        #expect(try act(gun, "prk-99", "replay").code == "parked.unknown")
    }

    @Test func `a device may not resolve what it parked`() throws {
        let gun = try Gun()
        let device = try gun.device("Dock 1")
        let answer = try gun.scan("receive", code, as: device)
        let id = try #require(answer.json["parked"]?.text)
        #expect(try act(gun, id, "replay", as: device).status == 403)
        #expect(try act(gun, id, "replay", as: .guest).status == 401)
        #expect(try listed(gun, "open").first?["device"]?.text == "dev-1")
    }

    @Test func `the list is read page by page, newest first`() throws {
        let gun = try Gun()
        for number in 1...5 { _ = try park(gun, code: "BOLT-\(number)") }
        var codes: [String] = []
        var path = "/api/v1/parked-codes?limit=2"
        while true {
            let page = try gun.house.send(.get, path).json
            codes += page["items"]?.elements.compactMap { $0["code"]?.text } ?? []
            guard let next = page["next"]?.text else { break }
            path = "/api/v1/parked-codes?limit=2&after=\(next)"
        }
        #expect(codes == (1...5).reversed().map { "BOLT-\($0)" })
    }
}
