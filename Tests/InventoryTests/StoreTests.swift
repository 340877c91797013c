// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Kernel
import SealedStore
import TestKit
import Testing

@testable import Inventory

@Suite struct StorePlanTests {
    /// Everything a list can be narrowed to, one by one and together.
    private static let balances: [(String, BalanceFilter)] = [
        ("none", BalanceFilter()), ("items", BalanceFilter(items: [ID(1), ID(2)])),
        ("variant", BalanceFilter(variant: ID(1))),
        ("warehouse", BalanceFilter(warehouse: ID(1))), ("place", BalanceFilter(place: ID(4))),
        ("lot", BalanceFilter(lot: ID(1))),
        ("variant and place", BalanceFilter(variant: ID(1), place: ID(4))),
    ]
    private static let movements: [(String, MovementFilter)] = [
        ("none", MovementFilter()), ("item", MovementFilter(item: ID(1))),
        ("variant", MovementFilter(variant: ID(1))), ("place", MovementFilter(place: ID(4))),
        ("lot", MovementFilter(lot: ID(1))), ("kind receive", MovementFilter(kind: .receive)),
        ("kind move", MovementFilter(kind: .move)), ("kind adjust", MovementFilter(kind: .adjust)),
        ("since", MovementFilter(since: TestClock.monday)),
        ("until", MovementFilter(until: TestClock.monday)),
        (
            "item, place and kind", MovementFilter(item: ID(1), place: ID(4), kind: .ship)
        ),
    ]
    private static let scopes: [Scope] = [.everything, .warehouses([1]), .warehouses([1, 2])]
    /// Places and warehouses are few, so their list may be read whole; stock never.
    private static let few: Set<String> = ["p", "stock_place", "w"]

    @Test func `a page of movements is read by an index and never sorted, at any depth`() throws {
        let house = try TestHouse()
        for (name, filter) in Self.movements {
            for scope in Self.scopes {
                for query in movementQueries(filter, within: scope, before: 900_000, limit: 51) {
                    let plan = try house.store.plan(of: query.sql, query.arguments)
                    #expect(plan.fullScans(besides: Self.few) == [], "\(name)")
                    #expect(plan.sorts == [], "\(name): \(plan)")
                }
            }
        }
    }

    @Test func `the days of some warehouses are read by an index, at any depth`() throws {
        let house = try TestHouse()
        for count in [1, 2, 100] {
            let ids = Set((1...count).map { Int64($0) })
            let query = sightQuery(of: ids, before: 900_000, limit: 64)
            let plan = try house.store.plan(of: query.sql, query.arguments)
            let scans = plan.filter { $0.hasPrefix("SCAN stock_") }
            #expect(scans == [], "\(plan)")
            #expect(plan.contains { $0.contains("stock_day_sight") }, "\(plan)")
        }
    }

    @Test(
        arguments: [
            ("item", "stock_movement_item"), ("variant", "stock_movement_item"),
            ("lot", "stock_movement_lot"), ("kind move", "stock_movement_move"),
            ("kind adjust", "stock_movement_adjust"), ("place", "stock_movement_source"),
        ])
    func `a filter of movements leads its own index`(_ name: String, _ index: String) throws {
        let house = try TestHouse()
        let filter = try #require(Self.movements.first { $0.0 == name }).1
        let query = movementQueries(filter, within: .everything, before: 9, limit: 51)[0]
        let plan = try house.store.plan(of: query.sql, query.arguments)
        #expect(plan.contains { $0.contains(index) }, "\(plan)")
    }

    @Test func `a page of balances or levels reads no stock table as a whole`() throws {
        let house = try TestHouse()
        for (name, filter) in Self.balances {
            for scope in Self.scopes {
                let queries = [
                    balanceQuery(filter, within: scope, after: (1, 1), limit: 51),
                    levelQuery(filter, within: scope, after: (1, 1), limit: 51),
                ]
                for query in queries {
                    let plan = try house.store.plan(of: query.sql, query.arguments)
                    #expect(plan.fullScans(besides: Self.few) == [], "\(name)")
                }
            }
        }
    }

    @Test func `the pages that everybody opens are not sorted`() throws {
        let house = try TestHouse()
        let queries = [
            balanceQuery(BalanceFilter(), within: .everything, after: (1, 1), limit: 51),
            levelQuery(BalanceFilter(), within: .everything, after: (1, 1), limit: 51),
        ]
        for query in queries {
            let plan = try house.store.plan(of: query.sql, query.arguments)
            // Counting each place once needs a set of the places of one variant, no more.
            let sorts = plan.sorts.filter { !$0.contains("DISTINCT") }
            #expect(sorts == [], "\(plan)")
        }
    }
}
