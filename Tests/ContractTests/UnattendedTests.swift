// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Inventory
import Journal
import Kernel
import ModuleKit
import SealedStore
import TestKit
import Testing
import Web

@testable import Appliance

/// What runs without anybody asking for it: listeners and jobs.
struct UnattendedTests {
    @Test func `a listener that hears everything twice does nothing twice`() throws {
        let probe = try Stocked().probe
        // The parked scan's code becomes known, which is what listeners wait for.
        try probe.make(
            "packagings/pkg-1/codes", #"{"code":"NOBODY-KNOWS","validFrom":null,"validTo":null}"#)
        #expect(probe.house.listeners.deliverAll())
        let listeners = probe.house.modules.flatMap(\.listens)
        #expect(!listeners.isEmpty)
        let before = try probe.hashes()
        var heard = 0
        for listener in listeners {
            let entries = try probe.store.read {
                try $0.journal(after: 0, kinds: listener.kinds, limit: 1000)
            }
            heard += entries.count
            for entry in entries {
                try probe.store.write { try listener.hear(entry, $0) }
            }
        }
        #expect(heard > 0)
        #expect(try probe.hashes() == before)
        let parked = try probe.send(Call(.get, "/api/v1/parked-codes")).json["items"]?[0]
        #expect(parked?["known"]?.flag == true)
    }

    private func hashes(_ house: TestHouse) throws -> [TableHash] {
        try house.store.tableHashes().filter { $0.table != "clock_job" }
    }

    /// Runs every job twice; the second time there is nothing left to do.
    private func runTwice(_ house: TestHouse) throws {
        let jobs = house.house.modules.flatMap(\.jobs) + systemJobs
        #expect(jobs.count >= 4)
        for job in jobs {
            house.house.timekeeper.run(job)
            let outcome = try house.outcome(ofJob: job.name)
            #expect(outcome.hasPrefix("done "), "\(job.name): \(outcome)")
            // Who listens has heard what the job told.
            #expect(house.deliver())
            let after = try hashes(house)
            house.house.timekeeper.run(job)
            #expect(try house.outcome(ofJob: job.name).hasPrefix("done "), "\(job.name)")
            #expect(try hashes(house) == after, "\(job.name)")
        }
    }

    @Test func `jobs run twice in an empty house`() throws {
        let house = try TestHouse(running: true)
        let before = try hashes(house)
        try runTwice(house)
        #expect(try hashes(house) == before)
    }

    @Test func `jobs run twice in a house with goods, and a month later`() throws {
        let house = try TestHouse(running: true)
        let goods = try house.goods("A", barcode: "A-EACH", caseOf: 24, caseBarcode: "A-CASE")
        let (here, there) = (try house.bin("A-01"), try house.bin("A-02"))
        try house.receive("100", of: goods, at: here)
        try house.ship("3", of: goods, from: here)
        try house.move(
            .init(
                kind: .move, variant: goods.variant, count: try Quantity(decimal: "7"),
                place: here, toPlace: there))
        let call = #"{"code":"B","name":"B","firstBin":null}"#
        #expect(try house.send(.post, "/api/v1/warehouses", json: call).status == 201)
        #expect(house.deliver())
        try runTwice(house)
        try house.clock.pass(seconds: 40 * 86_400)
        let kept = try house.store.read { try $0.integer("SELECT count(*) FROM kit_answer") }
        #expect(kept == 1)
        try runTwice(house)
        let left = try house.store.read { try $0.integer("SELECT count(*) FROM kit_answer") }
        #expect(left == 0)
        #expect(try house.level(of: goods, at: here) == "90")
        #expect(try house.level(of: goods, at: there) == "7")
    }
}
