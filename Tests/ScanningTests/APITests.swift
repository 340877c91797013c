// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Inventory
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Scanning

@Suite struct ScanAPITests {
    private let event = "1b4e28ba-2fa1-4d63-883f-0016d3cca427"

    private func plain(
        _ gun: Gun, _ query: String, _ body: String, as sender: TestHouse.Sender = .root,
        headers: [(String, String)] = []
    ) throws -> Answer {
        try gun.house.send(
            .post, "/api/v1/scans?\(query)", as: sender,
            headers: [("Content-Type", "text/plain")] + headers, body: Array(body.utf8))
    }

    @Test func `a plain line moves goods and gets a plain line back`() throws {
        let gun = try Gun()
        let tea = try gun.house.goods("TEA", barcode: "6901234567892")
        let answer = try plain(gun, "task=receive&place=A-01&count=5", "6901234567892\r\n")
        #expect(answer.status == 200)
        #expect(answer.text == "+ Goods TEA 5 pcs = 5\n")
        #expect(answer.response.header("content-type") == "text/plain; charset=utf-8")
        #expect(try gun.house.level(of: tea, at: gun.bin) == "5")
        for _ in 0..<2 {
            let again = try plain(
                gun, "task=ship&place=A-01&event=\(event)", "6901234567892")
            #expect(again.text == "+ Goods TEA 1 pcs = 4\n")
        }
        // Without an event each line is a scan of its own.
        for left in ["3", "2"] {
            let line = try plain(gun, "task=ship&place=A-01", "6901234567892")
            #expect(line.text == "+ Goods TEA 1 pcs = \(left)\n")
        }
    }

    @Test func `a plain line is refused by a plain line, with the same status`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: "6901234567892")
        let short = try plain(gun, "task=ship&place=A-01", "6901234567892")
        #expect(short.status == 409)
        #expect(short.text == "! stock.insufficient [stock.insufficient]\n")
        #expect(short.response.header("content-type") == "text/plain; charset=utf-8")
        let guest = try plain(gun, "task=ship&place=A-01", "6901234567892", as: .guest)
        #expect(guest.status == 401)
        #expect(guest.text == "! access.unauthenticated [access.unauthenticated]\n")
        #expect(guest.response.header("www-authenticate") == "Bearer")
        let wrong = try plain(gun, "task=dance&place=A-01", "6901234567892")
        #expect(wrong.status == 422)
        #expect(wrong.text.hasPrefix("! "))
        let asked = try gun.scan("ship", "6901234567892", headers: [("Accept", "text/plain")])
        #expect(asked.text == "! stock.insufficient [stock.insufficient]\n")
        let json = try gun.scan("ship", "6901234567892", headers: [("Accept", "application/json")])
        #expect(json.response.header("content-type") == "application/problem+json")
    }

    @Test func `JSON asks for a plain line by Accept`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: "6901234567892")
        let answer = try gun.scan(
            "receive", "6901234567892", headers: [("Accept", "text/plain, */*;q=0.1")])
        #expect(answer.text == "+ Goods TEA 1 pcs = 1\n")
    }

    @Test func `a form moves goods like JSON`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: "6901234567892")
        let body = "event=\(event)&task=receive&place=A-01&code=6901234567892&count=2"
        for _ in 0..<2 {
            let answer = try gun.house.send(
                .post, "/api/v1/scans",
                headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array(body.utf8))
            #expect(answer.status == 200)
            #expect(answer.balance == "2")
        }
    }

    @Test func `JSON without an event, with an unknown field or a wrong type is refused`() throws {
        let gun = try Gun()
        let bodies = [
            #"{"task":"receive","code":"1"}"#,
            #"{"event":"\#(event)","task":"receive","code":"1","colour":"red"}"#,
            #"{"event":"\#(event)","task":"receive","code":1}"#,
            #"{"event":"no-uuid","task":"receive","code":"1"}"#,
            #"{"event":"\#(event)","task":"receive","code":"1","count":5}"#,
        ]
        for body in bodies {
            let answer = try gun.house.send(.post, "/api/v1/scans", json: body)
            #expect(answer.status == 422, "\(body)")
        }
        #expect(try gun.house.send(.post, "/api/v1/scans", json: "{").status == 400)
        let large = String(repeating: "9", count: 9000)
        #expect(try gun.scan("receive", large).status == 413)
        #expect(try gun.house.store.read { try $0.integer("SELECT count(*) FROM kit_answer") } == 0)
    }

    @Test func `a device of one warehouse neither sees nor moves goods of another`() throws {
        let gun = try Gun()
        let spare = try gun.house.bin("B-01", in: "SPARE")
        let tea = try gun.house.goods("TEA", barcode: "6901234567892")
        try gun.house.receive("5", of: tea, at: spare)
        let device = try gun.device("Dock 1", warehouse: "whs-1")
        #expect(
            try gun.scan("ship", "6901234567892", place: "B-01", as: device).code
                == "scan.place_unknown")
        #expect(try gun.scan("look", "%PB-01", as: device).code == "scan.place_unknown")
        let found = try gun.scan("look", "6901234567892", as: device)
        #expect(found.json["balances"]?.elements.isEmpty == true)
        #expect(try gun.scan("receive", "6901234567892", as: device).balance == "1")
        let movement = try gun.house.send(.get, "/api/v1/stock/movements/mov-2")
        #expect(movement.json["device"]?.text == "dev-1")
        #expect(movement.json["actorName"]?.text == "Dock 1")
    }

    @Test func `the instant of the device is kept beside the box's own`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: "6901234567892")
        let at = "2026-11-20T08:00:00.000000Z"
        _ = try gun.house.send(
            .post, "/api/v1/scans",
            json: """
                {"event":"\(event)","at":"\(at)","task":"receive","place":"A-01",
                "code":"6901234567892"}
                """)
        let movement = try gun.house.send(.get, "/api/v1/stock/movements/mov-1").json
        #expect(movement["deviceAt"]?.text == at)
        #expect(movement["at"]?.text == gun.house.clock.now().rfc3339)
    }

    @Test func `a reading explains a code without doing anything`() throws {
        let gun = try Gun()
        try gun.house.goods("TEA", barcode: "09506000134352")
        let head = try gun.house.head()
        func read(_ code: String) throws -> JSON {
            try gun.house.send(.get, "/api/v1/code-readings?code=\(code)").json
        }
        let label = try read("%5DC1010950600013435210L7")
        #expect(label["symbol"]?.text == "gs1")
        #expect(label["gtin"]?.text == "09506000134352")
        #expect(label["elements"]?.elements.map { $0["ai"]?.text } == ["01", "10"])
        #expect(label["matches"]?.elements.count == 1)
        #expect(try read("%25PA-01")["place"]?["code"]?.text == "A-01")
        #expect(try read("%25CUNDO")["command"]?["verb"]?.text == "UNDO")
        #expect(try read("%5DC1010950600013435310L7")["problem"]?["code"]?.text != nil)
        #expect(try read("NOBODY")["matches"]?.elements.isEmpty == true)
        #expect(try gun.house.told(after: head) == [])
    }
}
