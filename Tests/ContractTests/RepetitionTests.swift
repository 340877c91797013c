// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Journal
import Kernel
import SealedStore
import Testing
import Web

/// The same change sent twice is one change, at every endpoint that takes a key.
struct RepetitionTests {
    private let stocked: Stocked
    private var probe: Probe { stocked.probe }

    init() throws { stocked = try Stocked() }

    @Test func `a change that is sent twice happens once and is answered alike`() throws {
        let keyed = probe.endpoints.filter { $0.needsKey || $0.name == "POST /api/v1/scans" }
        #expect(keyed.count > 20)
        for endpoint in keyed {
            let (call, sender) = try arranged(endpoint)
            let before = try probe.hashes()
            let told = try probe.store.read { try $0.journalHead() }
            let first = try probe.send(call, as: sender)
            let place: Comment =
                "\(endpoint.name): \(String(decoding: first.response.bytes, as: UTF8.self))"
            #expect(first.status == endpoint.answer.status, place)
            let after = try probe.hashes()
            #expect(after != before, place)
            #expect(try probe.store.read { try $0.journalHead() } > told, place)

            let second = try probe.send(call, as: sender)
            #expect(second.status == first.status, place)
            #expect(second.response.bytes == first.response.bytes, place)
            #expect(second.response.header("idempotency-replayed") == "true", place)
            #expect(try probe.hashes() == after, place)

            // Without a body the same key can only bring the same request.
            guard !endpoint.bodies.isEmpty else { continue }
            var other = call
            other.body.append(UInt8(ascii: " "))
            let third = try probe.send(other, as: sender)
            #expect(third.status == 422, place)
            #expect(third.code == "request.key_reused", place)
            #expect(try probe.hashes() == after, place)
        }
    }

    @Test func `a change that is refused keeps nothing, so its key is free again`() throws {
        var call = Call(.post, "/api/v1/items", json: Stocked.item("SEED-1")).keyed()
        let before = try probe.hashes()
        #expect(try probe.send(call).code == "item.code_taken")
        #expect(try probe.hashes() == before)
        call.body = Array(Stocked.item("SEED-9").utf8)
        #expect(try probe.send(call).status == 201)
    }

    @Test func `the same key of two callers means two changes`() throws {
        let body = #"{"kind":"receive","variant":"var-1","count":"1","place":"plc-4"}"#
        let call = Call(.post, "/api/v1/stock/movements", json: body).keyed("the-same")
        let first = try probe.send(call)
        let second = try probe.send(call, as: try #require(stocked.people["receiver"]))
        #expect(first.status == 201 && second.status == 201)
        #expect(first.json["id"]?.text != second.json["id"]?.text)
    }

    /// A call of `endpoint` that works, with what it needs put in place first.
    private func arranged(_ endpoint: Endpoint) throws -> (Call, Probe.Sender) {
        var call = probe.call(endpoint)
        switch endpoint.name {
        case "PATCH /api/v1/users/{id}":
            // The first user is the only administrator and must stay one.
            call.path = "/api/v1/users/usr-3"
        case "POST /api/v1/users/{id}/factor-reset":
            call.path = "/api/v1/users/usr-3/factor-reset"
        case "POST /api/v1/grants":
            call.body = Array(#"{"user":"usr-3","role":"picker"}"#.utf8)
        case "POST /api/v1/grants/{id}/end":
            let grant = try probe.make("grants", #"{"user":"usr-3","role":"picker"}"#)
            call.path = "/api/v1/grants/\(grant["id"]?.text ?? "")/end"
        case "POST /api/v1/grants/{id}/confirmation":
            call.path = "/api/v1/grants/\(try waiting())/confirmation"
        case "POST /api/v1/session/loans":
            call.body = Array(Self.loan(to: "vera").utf8)
            return (call, try stocked.session(of: 2))
        case "POST /api/v1/session/loans/{id}/end":
            let lender = try stocked.session(of: 2)
            let loan = try probe.send(
                Call(.post, "/api/v1/session/loans", json: Self.loan(to: "ada")).keyed(),
                as: lender)
            call.path = "/api/v1/session/loans/\(loan.json["id"]?.text ?? "")/end"
            return (call, lender)
        case "PATCH /api/v1/roles/{role}":
            call.body = Array(
                #"{"name":"Renamed","purpose":"","permissions":["stock.see"],"limits":[]}"#.utf8)
        case "DELETE /api/v1/certificate":
            let installed = Call(
                .put, "/api/v1/certificate",
                json: String(decoding: CompanyCertificate.body, as: UTF8.self))
            #expect(try probe.send(installed.keyed()).status == 200)
        case "PUT /api/v1/session/language":
            return (call, try #require(stocked.people["receiver"]))
        case "POST /api/v1/items/{id}/retirement":
            call.path = "/api/v1/items/\(try goods("RET").item)/retirement"
        case "POST /api/v1/items/{id}/reinstatement":
            let item = try goods("REI").item
            try probe.make("items/\(item)/retirement", "{}")
            call.path = "/api/v1/items/\(item)/reinstatement"
        case "POST /api/v1/packagings/{id}/retirement":
            call.path = "/api/v1/packagings/\(try goods("PAK").carton)/retirement"
        case "POST /api/v1/variants/{id}/packagings":
            call.body = Array(Self.carton("REP-BOX", named: "crate").utf8)
        case "POST /api/v1/places":
            call.body = Array(
                #"{"warehouse":"whs-1","kind":"bin","code":"REP-01","name":"","parent":null}"#.utf8)
        case "POST /api/v1/item-imports/{id}/application":
            call.path = "/api/v1/item-imports/\(try file("APP"))/application"
        case "POST /api/v1/item-imports/{id}/undo":
            let file = try file("UND")
            try probe.make("item-imports/\(file)/application", #"{"mode":"skip_bad"}"#)
            call.path = "/api/v1/item-imports/\(file)/undo"
        case "POST /api/v1/item-imports/{id}/discarding":
            call.path = "/api/v1/item-imports/\(try file("DIS"))/discarding"
        case "POST /api/v1/parked-codes/{id}/replay":
            let parked = try parked("REP-PARKED")
            try probe.make(
                "packagings/pkg-1/codes", #"{"code":"REP-PARKED","validFrom":null,"validTo":null}"#)
            call.path = "/api/v1/parked-codes/\(parked)/replay"
        case "POST /api/v1/parked-codes/{id}/dismissal":
            call.path = "/api/v1/parked-codes/\(try parked("REP-DROPPED"))/dismissal"
        default: break
        }
        return (call, .root)
    }

    /// Another owner, signed in.
    private func owner(_ name: String) throws -> Probe.Sender {
        let password = Stocked.password
        let user = try probe.make(
            "users",
            #"{"name":"\#(name)","password":"\#(password)","role":"owner","language":"en"}"#)
        let number = Int64((user["id"]?.text ?? "").dropFirst("usr-".count)) ?? 0
        try probe.store.write { tx in
            // Who was given a password replaces it first.
            try tx.run("UPDATE access_user SET one_time_until_us = NULL WHERE id = ?", [number])
            tx.markTold()
        }
        return try stocked.session(of: number)
    }

    /// A grant that waits: given by one owner, so that another could agree.
    private func waiting() throws -> String {
        let giver = try owner("olga")
        let asked = try probe.send(
            Call(.post, "/api/v1/grants", json: #"{"user":"usr-3","role":"it_admin"}"#).keyed(),
            as: giver)
        #expect(asked.json["state"]?.text == "waiting")
        return asked.json["id"]?.text ?? ""
    }

    /// A loan of the receiver's role, within the 90 days that one may last.
    private static func loan(to name: String) -> String {
        let end = Int64(Date().timeIntervalSince1970) + 3600
        let until = Instant(microseconds: end * 1_000_000).rfc3339
        return #"{"grant":"grt-2","user":"\#(name)","until":"\#(until)"}"#
    }

    private static func carton(_ code: String, named name: String) -> String {
        #"{"level":"case","name":"\#(name)","content":{"num":"24","den":"1"},"codes":["\#(code)"]}"#
    }

    /// An item of its own, with a carton.
    private func goods(_ code: String) throws -> (item: String, carton: String) {
        let item = try probe.make("items", Stocked.item(code))
        let variant = try #require(item["variants"]?[0]?["id"]?.text)
        let card = try probe.make(
            "variants/\(variant)/packagings", Self.carton("\(code)-BOX", named: "box"))
        let packagings = try #require(card["variants"]?[0]?["packagings"]).elements
        let carton = packagings.first { $0["level"]?.text == "case" }
        return (
            try #require(item["id"]?.text), try #require(carton?["id"]?.text)
        )
    }

    private func file(_ code: String) throws -> String {
        var call = Call(.post, "/api/v1/item-imports").keyed()
        call.mediaType = "text/csv"
        call.body = Array(Stocked.file.replacing("FILE-1", with: code).utf8)
        return try #require(try probe.send(call).json["id"]?.text)
    }

    private func parked(_ code: String) throws -> String {
        let scan = try probe.make(
            "scans",
            #"{"event":"\#(UUID().uuidString)","task":"receive","place":"H-01","code":"\#(code)"}"#)
        return try #require(scan["parked"]?.text)
    }
}
