// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Foundation
import Inventory
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Scanning

/// A house with a bin, and the trigger.
struct Gun {
    let house: TestHouse
    let bin: ID<Place>

    init() throws {
        house = try TestHouse()
        bin = try house.bin("A-01")
    }

    /// One scan, as JSON. Values that are nil are left out.
    func scan(
        _ task: String, _ code: String, place: String? = "A-01", toPlace: String? = nil,
        count: String? = nil, lot: String? = nil, expiry: String? = nil, serial: String? = nil,
        packaging: ID<Packaging>? = nil, event: String = UUID().uuidString.lowercased(),
        as sender: TestHouse.Sender = .root, headers: [(String, String)] = []
    ) throws -> Answer {
        let fields: [(String, String?)] = [
            ("task", task), ("code", code), ("place", place), ("toPlace", toPlace),
            ("count", count), ("lot", lot), ("expiry", expiry), ("serial", serial),
            ("packaging", packaging?.description), ("event", event),
        ]
        var body: [String: JSON] = [:]
        for (name, value) in fields { if let value { body[name] = .text(value) } }
        return try house.send(
            .post, "/api/v1/scans", as: sender,
            headers: [("Content-Type", "application/json")]
                + headers, body: JSON.object(body).bytes())
    }

    /// Makes a device and returns who sends with its token.
    func device(_ name: String, warehouse: String? = nil) throws -> TestHouse.Sender {
        let place = warehouse.map { "\"\($0)\"" } ?? "null"
        let answer = try house.send(
            .post, "/api/v1/devices", json: #"{"name":"\#(name)","warehouse":\#(place)}"#)
        return .device(try #require(answer.json["token"]?.text))
    }
}

extension Answer {
    var outcome: String? { json["outcome"]?.text }
    var balance: String? { json["balance"]?.text }
    var quantity: String? { json["quantity"]?.text }
    var beep: String? { json["beep"]?.text }
}

@Suite struct ScanTaskTests {
    @Test func `the case comes in, the piece goes out, and what is left is said`() throws {
        let gun = try Gun()
        try gun.house.goods(
            "TEA", barcode: "6901234567892", caseOf: 24, caseBarcode: "16901234567899")
        let head = try gun.house.head()
        let into = try gun.scan("receive", "16901234567899")
        #expect(into.status == 200, "\(into.text)")
        #expect((into.outcome, into.beep) == ("accepted", "ok"))
        #expect((into.quantity, into.balance) == ("24", "24"))
        #expect(into.json["packaging"]?["level"]?.text == "case")
        let out = try gun.scan("ship", "6901234567892")
        #expect(out.balance == "23")
        #expect(out.json["line"]?.text == "+ Goods TEA 1 pcs = 23")
        #expect(try gun.house.told(after: head) == ["stock.moved", "stock.moved"])
    }

    @Test func `a move says what the target holds then`() throws {
        let gun = try Gun()
        try gun.house.bin("B-01")
        let tea = try gun.house.goods("TEA", barcode: "6901234567892")
        _ = try gun.scan("receive", "6901234567892", count: "5")
        let moved = try gun.scan("move", "6901234567892", toPlace: "b-01", count: "2")
        #expect(moved.balance == "2")
        #expect(try gun.house.level(of: tea, at: gun.bin) == "3")
        #expect(try gun.scan("move", "6901234567892").code == "scan.target_required")
        #expect(
            try gun.scan("move", "6901234567892", toPlace: "A-01").code == "stock.same_place")
    }

    @Test func `a look changes nothing and says where the goods are`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: "6901234567892")
        _ = try gun.scan("receive", "6901234567892", count: "5")
        let head = try gun.house.head()
        let found = try gun.scan("look", "6901234567892", place: nil)
        #expect(found.outcome == "found")
        let balances = found.json["balances"]?.elements ?? []
        #expect(balances.map { $0["quantity"]?.text } == ["5"])
        #expect(balances.first?["place"]?["code"]?.text == "A-01")
        #expect(try gun.house.told(after: head) == [])
    }

    @Test func `an undo takes back the last movement of that scanner, then the one before`() throws
    {
        let gun = try Gun()
        let tea = try gun.house.goods("TEA", barcode: "6901234567892")
        let (mine, other) = (try gun.device("Dock 1"), try gun.device("Dock 2"))
        _ = try gun.scan("receive", "6901234567892", count: "5", as: mine)
        _ = try gun.scan("ship", "6901234567892", as: mine)
        _ = try gun.scan("receive", "6901234567892", count: "10", as: other)
        let undone = try gun.scan("undo", "", place: nil, as: mine)
        #expect((undone.outcome, undone.beep) == ("undone", "attention"))
        #expect(try gun.house.level(of: tea, at: gun.bin) == "15")
        _ = try gun.scan("undo", "", place: nil, as: mine)
        #expect(try gun.house.level(of: tea, at: gun.bin) == "10")
        #expect(try gun.scan("undo", "", place: nil, as: mine).code == "scan.nothing_to_undo")
        #expect(try gun.house.level(of: tea, at: gun.bin) == "10")
    }

    @Test func `a place or command code is answered, not booked`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: "6901234567892")
        _ = try gun.scan("receive", "6901234567892", count: "5")
        let head = try gun.house.head()
        let place = try gun.scan("receive", "%PA-01", place: nil)
        #expect(place.outcome == "found")
        #expect(place.json["place"]?.text == "A-01")
        #expect(place.json["balances"]?.elements.count == 1)
        let command = try gun.scan("receive", "%cx12")
        #expect(command.outcome == "command")
        #expect(command.json["command"]?["verb"]?.text == "X12")
        #expect(try gun.scan("receive", "%PZ-99").code == "scan.place_unknown")
        #expect(try gun.house.told(after: head) == [])
    }

    @Test func `what is missing or wrong is refused, and nothing has happened`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: "6901234567892")
        let head = try gun.house.head()
        let cases: [(Answer, String, Int)] = [
            (try gun.scan("receive", "6901234567892", place: nil), "scan.place_required", 422),
            (try gun.scan("receive", "6901234567892", place: "Z"), "scan.place_unknown", 409),
            (try gun.scan("ship", "6901234567892"), "stock.insufficient", 409),
            (try gun.scan("receive", "6901234567892", count: "0"), "stock.count_not_positive", 422),
            (
                try gun.scan("receive", "6901234567892", count: "-1"), "stock.count_not_positive",
                422
            ),
            (try gun.scan("receive", "6901234567892", lot: "L"), "stock.lot_not_tracked", 422),
            (
                try gun.scan("receive", "6901234567892", packaging: ID(99)),
                "scan.choice_not_offered", 422
            ),
        ]
        for (answer, code, status) in cases {
            #expect(answer.code == code)
            #expect(answer.status == status, "\(code)")
        }
        for code in ["", "   ", "a\u{0}b", String(repeating: "9", count: 600)] {
            let answer = try gun.scan("receive", code)
            #expect((400..<500).contains(answer.status), "\(answer.text)")
        }
        #expect(try gun.house.told(after: head) == [])
    }
}

@Suite struct LabelTests {
    private let gtin = "09506000134352"

    @Test func `one label brings lot, expiry and number, and they win over what was typed`() throws
    {
        let gun = try Gun()
        let milk = try gun.house.goods(
            "MILK", barcode: gtin, tracking: Tracking(lot: true, expiry: true, serial: false))
        let label = "]C101\(gtin)17270131" + "10L7\u{1D}3024"
        let answer = try gun.scan("receive", label, lot: "TYPED", expiry: "2026-12-24")
        #expect(answer.quantity == "24", "\(answer.text)")
        let lots = try gun.house.send(.get, "/api/v1/lots?variant=\(milk.variant)")
        #expect(lots.json["items"]?.elements.map { $0["code"]?.text } == ["L7"])
        #expect(lots.json["items"]?[0]?["expiry"]?.text == "2027-01-31")
        #expect(try gun.scan("ship", label).balance == "0")
    }

    @Test func `the multiplier counts the label so many times`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: gtin)
        #expect(try gun.scan("receive", "]C101\(gtin)3024", count: "3").quantity == "72")
        #expect(try gun.scan("receive", "]C101\(gtin)", count: "3").quantity == "3")
    }

    @Test func `a serial on the label is the piece`() throws {
        let gun = try Gun()
        try gun.house.goods(
            "DRILL", barcode: gtin, tracking: Tracking(lot: false, expiry: false, serial: true))
        let label = "]d201\(gtin)21S-77"
        #expect(try gun.scan("receive", label).outcome == "accepted")
        #expect(try gun.scan("receive", label).code == "stock.serial_on_hand")
        #expect(try gun.scan("ship", label).balance == "0")
        #expect(try gun.scan("receive", "]d201\(gtin)").code == "stock.serial_required")
    }

    @Test func `lot and serial of goods that are not counted by them are left aside`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: gtin)
        #expect(try gun.scan("receive", "]C101\(gtin)10L7\u{1D}21S1").balance == "1")
        #expect(
            try gun.scan("receive", "]C101\(gtin)", serial: "S1").code == "stock.serial_not_tracked"
        )
    }

    @Test func `the label of a pallet moves what lies on it`() throws {
        let gun = try Gun()
        let tea = try gun.house.goods(
            "TEA", barcode: gtin, caseOf: 24, caseBarcode: "19506000134359")
        let answer = try gun.scan("receive", "]C1021950600013435937" + "5")
        #expect(answer.quantity == "120", "\(answer.text)")
        #expect(answer.json["packaging"]?["id"]?.text == tea.caseOf?.description)
    }

    @Test func `a weight on the label is booked in kilograms`() throws {
        let gun = try Gun()
        try gun.house.goods("RICE", barcode: gtin, scale: 3)
        let label = "]C101\(gtin)3103001250"
        #expect(try gun.scan("receive", label).quantity == "1.250")
        #expect(try gun.scan("receive", label, count: "2").balance == "3.750")
        #expect(try gun.scan("ship", "]C101\(gtin)3102000375").balance == "0.000")
    }
}

@Suite struct AmbiguityTests {
    /// An EAN-8, and a UPC-E that stands for 012345000065.
    private let code = "01234565"

    @Test func `a code that means two goods is asked back, and the choice is booked`() throws {
        let gun = try Gun()
        let (short, long) = (
            try gun.house.goods("SHORT", barcode: code),
            try gun.house.goods("LONG", barcode: "012345000065")
        )
        let head = try gun.house.head()
        let asked = try gun.scan("receive", code)
        #expect((asked.outcome, asked.beep) == ("ambiguous", "attention"))
        let offered = asked.json["candidates"]?.elements.compactMap { $0["packaging"]?.text }
        #expect(Set(offered ?? []) == [short.each.description, long.each.description])
        #expect(try gun.house.told(after: head) == [])
        #expect(try gun.scan("receive", code, packaging: long.each).outcome == "accepted")
        #expect(try gun.house.level(of: long, at: gun.bin) == "1")
        #expect(try gun.house.level(of: short, at: gun.bin) == "0")
        let other = try gun.house.goods("OTHER")
        #expect(
            try gun.scan("receive", code, packaging: other.each).code == "scan.choice_not_offered")
    }
}

@Suite struct SameEventTests {
    private let event = "1b4e28ba-2fa1-4d63-883f-0016d3cca427"

    @Test func `the same event twice is one movement and the same answer`() throws {
        let gun = try Gun()
        let tea = try gun.house.goods("TEA", barcode: "6901234567892")
        let first = try gun.scan("receive", "6901234567892", count: "5", event: event)
        let second = try gun.scan("receive", "6901234567892", count: "5", event: event)
        #expect(first.response.bytes == second.response.bytes)
        #expect(first.response.header("idempotency-replayed") == nil)
        #expect(second.response.header("idempotency-replayed") == "true")
        #expect(try gun.house.level(of: tea, at: gun.bin) == "5")
    }

    @Test func `it stays one when another device or person brings it again`() throws {
        let gun = try Gun()
        let tea = try gun.house.goods("TEA", barcode: "6901234567892")
        let (mine, other) = (try gun.device("Dock 1"), try gun.device("Dock 2"))
        let first = try gun.scan("receive", "6901234567892", event: event, as: mine)
        let second = try gun.scan("receive", "6901234567892", event: event, as: other)
        #expect(first.response.bytes == second.response.bytes)
        #expect(try gun.house.level(of: tea, at: gun.bin) == "1")
    }

    @Test func `another scan under the same event is refused`() throws {
        let gun = try Gun()
        let tea = try gun.house.goods("TEA", barcode: "6901234567892")
        _ = try gun.scan("receive", "6901234567892", event: event)
        let other = try gun.scan("receive", "6901234567892", count: "2", event: event)
        #expect(other.code == "request.key_reused")
        #expect(other.status == 422)
        #expect(try gun.house.level(of: tea, at: gun.bin) == "1")
    }

    @Test func `a refused scan may come again under its event`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: "6901234567892")
        #expect(try gun.scan("ship", "6901234567892", event: event).code == "stock.insufficient")
        _ = try gun.scan("receive", "6901234567892")
        #expect(try gun.scan("ship", "6901234567892", event: event).balance == "0")
    }

    @Test func `an undo sent twice takes one movement back`() throws {
        let gun = try Gun()
        let tea = try gun.house.goods("TEA", barcode: "6901234567892")
        for _ in 0..<3 { _ = try gun.scan("receive", "6901234567892") }
        for _ in 0..<2 { _ = try gun.scan("undo", "", place: nil, event: event) }
        #expect(try gun.house.level(of: tea, at: gun.bin) == "2")
    }
}
