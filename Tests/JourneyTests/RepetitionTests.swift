// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Foundation
import Inventory
import Kernel
import SealedStore
import Synchronization
import TestKit
import Testing
import Web

@testable import ModuleKit

/// The wrapper around every change, tried on booking goods.
@Suite struct RepetitionTests {
    private func body(_ goods: Goods, _ bin: ID<Place>, count: Int = 5) -> String {
        #"{"kind":"receive","variant":"\#(goods.variant)","count":"\#(count)","place":"\#(bin)"}"#
    }

    private func post(_ house: TestHouse, _ body: String, key: String) throws -> Answer {
        try house.send(
            .post, "/api/v1/stock/movements", json: body, headers: [("Idempotency-Key", key)])
    }

    @Test func `the same request twice has one effect and the same bytes`() throws {
        let house = try TestHouse()
        let (tea, bin) = (try house.goods("TEA"), try house.bin("A-01"))
        let first = try post(house, body(tea, bin), key: "k1")
        let second = try post(house, body(tea, bin), key: "k1")
        #expect(first.status == 201 && second.status == 201)
        #expect(first.response.bytes == second.response.bytes)
        #expect(second.response.header("content-type") == "application/json")
        #expect(second.response.header("idempotency-replayed") == "true")
        #expect(try house.level(of: tea, at: bin) == "5")
        _ = try post(house, body(tea, bin), key: "k2")
        #expect(try house.level(of: tea, at: bin) == "10")
    }

    @Test func `another request under the same key is refused and does nothing`() throws {
        let house = try TestHouse()
        let (tea, bin) = (try house.goods("TEA"), try house.bin("A-01"))
        _ = try post(house, body(tea, bin), key: "k1")
        let other = try post(house, body(tea, bin, count: 6), key: "k1")
        #expect(other.status == 422)
        #expect(other.code == "request.key_reused")
        let elsewhere = try house.send(
            .post, "/api/v1/stock/movements/mov-1/reversal", json: #"{"reason":"slip"}"#,
            headers: [("Idempotency-Key", "k1")])
        #expect(elsewhere.code == "request.key_reused")
        #expect(try house.level(of: tea, at: bin) == "5")
    }

    @Test func `a refusal is not kept, so the same key may try again`() throws {
        let house = try TestHouse()
        let (tea, bin) = (try house.goods("TEA"), try house.bin("A-01"))
        let ship = body(tea, bin).replacing("receive", with: "ship")
        #expect(try post(house, ship, key: "k1").code == "stock.insufficient")
        _ = try post(house, body(tea, bin), key: "k2")
        #expect(try post(house, ship, key: "k1").status == 201)
        #expect(try house.level(of: tea, at: bin) == "0")
    }

    @Test func `each caller has keys of their own`() throws {
        let house = try TestHouse()
        let (tea, bin) = (try house.goods("TEA"), try house.bin("A-01"))
        let other = Caller(
            actor: .user(7), name: "Wang", permissions: [], scope: .everything, language: .en)
        let kept = KeptAnswer(
            request: Array(repeating: 1, count: 32), status: 201, mediaType: "", body: [])
        try house.store.write { try $0.keep(kept, to: "k1", of: other.actor.description) }
        #expect(try post(house, body(tea, bin), key: "k1").status == 201)
    }

    @Test func `a key that no header can hold is refused`() throws {
        let house = try TestHouse()
        let (tea, bin) = (try house.goods("TEA"), try house.bin("A-01"))
        for key in ["", "a b", String(repeating: "k", count: 129), "schlüssel"] {
            #expect(try post(house, body(tea, bin), key: key).status == 400, "\(key)")
        }
        #expect(try house.level(of: tea, at: bin) == "0")
    }

    @Test func `an answer is kept for a month, and then forgotten`() throws {
        let house = try TestHouse()
        let (tea, bin) = (try house.goods("TEA"), try house.bin("A-01"))
        _ = try post(house, body(tea, bin), key: "k1")
        func kept() throws -> Int64? {
            try house.store.read { try $0.integer("SELECT count(*) FROM kit_answer") }
        }
        try house.clock.pass(seconds: KeptAnswer.daysKept * 86_400)
        #expect(try house.store.write { try $0.forgetAnswers(limit: 10) } == 0)
        #expect(try kept() == 1)
        try house.clock.pass(seconds: 1)
        #expect(try house.store.write { try $0.forgetAnswers(limit: 10) } == 1)
        #expect(try kept() == 0)
    }

    @Test func `the answer is the same after the books were closed and opened again`() throws {
        let folder = try TestFolder()
        let clock = TestClock()
        let problems = ProblemWriter(titles: { code, _ in code }, log: { _, _ in })
        let plan = House.Plan(
            folder: folder.path + "/store", key: try RootKey.random(), clock: clock.now,
            problems: problems)
        func add(_ house: House) throws -> Response {
            let head = try RequestHead(
                .post, "/api/v1/warehouses",
                headers: [("Content-Type", "application/json"), ("Idempotency-Key", "k1")],
                peerUser: 0)
            let body = Array(#"{"code":"MAIN","name":"Main","firstBin":"A-01"}"#.utf8)
            return try #require(
                house.api.answer(to: Request(head, body: body), problems: problems))
        }
        let first = try House(plan)
        let before = try add(first)
        first.stop()
        let second = try House(plan)
        let after = try add(second)
        #expect(before.status == 201 && after.status == 201)
        #expect(before.bytes == after.bytes)
        #expect(
            try second.store.read { try $0.integer("SELECT count(*) FROM stock_warehouse") } == 1)
        second.stop()
    }

    @Test func `when as much waits as may wait, the caller is told to come back`() throws {
        let house = try TestHouse()
        let gate = DispatchSemaphore(value: 0)
        let done = DispatchGroup()
        var taken = 0
        let work: @Sendable () -> Void = {
            gate.wait()
            done.leave()
        }
        while true {
            done.enter()
            guard house.house.premises.looks.submit(work) else {
                done.leave()
                break
            }
            taken += 1
        }
        #expect(taken >= 1024)
        let busy = try house.send(.get, "/api/v1/warehouses")
        #expect(busy.status == 503)
        #expect(busy.code == "request.busy")
        for _ in 0..<taken { gate.signal() }
        done.wait()
        #expect(try house.send(.get, "/api/v1/warehouses").status == 200)
    }
}
