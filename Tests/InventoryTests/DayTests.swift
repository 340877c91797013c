// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Inventory

@Suite struct DayTests {
    /// Movements on nine days, at odd hours, in two warehouses' worth of kinds.
    private func busy() throws -> (TestHouse, [Movement]) {
        let house = try TestHouse()
        let (shelf, other) = (try house.bin("A-01"), try house.bin("A-02"))
        let tea = try house.goods("TEA")
        for step: Int64 in 0..<36 {
            try house.receive("3", of: tea, at: shelf)
            if step % 3 == 0 { try house.ship("1", of: tea, from: shelf) }
            if step % 5 == 0 { try house.receive("1", of: tea, at: other) }
            try house.clock.pass(seconds: 21_600 + step)
        }
        let all = try house.store.read {
            try $0.movements(MovementFilter(), within: .everything, before: Int64.max, limit: 1000)
        }
        return (house, all)
    }

    @Test func `a window of time holds what happened in it, wherever it begins and ends`() throws {
        let (house, all) = try busy()
        let instants =
            all.map(\.at) + [TestClock.monday]
            + all.map { try? $0.at.adding(seconds: 1) }
            .compactMap { $0 }
        for since in instants.prefix(60) {
            for until in instants.suffix(40) {
                let found = try house.store.read {
                    try $0.movements(
                        MovementFilter(since: since, until: until), within: .everything,
                        before: Int64.max, limit: 1000)
                }
                let expected = all.filter { $0.at >= since && $0.at < until }
                #expect(found.map(\.id) == expected.map(\.id), "\(since) to \(until)")
            }
        }
    }

    @Test func `a window reads the days that it touches and no others`() throws {
        let (house, all) = try busy()
        let middle = all[all.count / 2].at
        let (first, last) = try house.store.read {
            (try $0.lastMovement(before: middle), try $0.firstMovement(after: middle))
        }
        // Two days before and after at most, with six hours between the movements.
        let there = all.filter { $0.id.raw > first && $0.id.raw < last }
        #expect(there.contains { $0.at == middle })
        #expect(there.count < all.count / 2)
    }

    @Test func `what takes a receipt back is no shipment and no second receipt`() throws {
        let house = try TestHouse()
        let shelf = try house.bin("A-01")
        let tea = try house.goods("TEA")
        let receipt = try house.receive("3", of: tea, at: shelf)
        _ = try house.reverse(receipt)
        try house.receive("2", of: tea, at: shelf)
        let overview = try house.send(.get, "/api/v1/stock/overview").json
        #expect(overview["receivedToday"]?.integer == 2)
        #expect(overview["shippedToday"]?.integer == 0)
        #expect(overview["movementsToday"]?.integer == 3)
    }
}
