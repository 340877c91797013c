// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Kernel
import SealedStore
import TestKit
import Testing

@testable import Access

/// What roles and grants give, decided without a store.
struct GrantRulesTests {
    private let table = allModules().roles
    private let area = Dimension("area")

    private func card(_ rights: Set<String>, _ most: [String: Int64] = [:]) -> RoleCard {
        RoleCard(
            role: Role("rol-1"), name: "Made", purpose: "", rights: rights, most: most,
            state: .active, edition: 1)
    }

    @Test func `no shipped role but the owner's holds what should be in two hands`() {
        for role in ShippedRole.allCases where role != .owner {
            let codes = Set(table.permissions(of: role).map(\.code))
            #expect(conflicts(in: codes, table) == [], "\(role)")
        }
        let everything = Set(table.permissions(of: .owner).map(\.code))
        #expect(Set(conflicts(in: everything, table)) == Set(table.conflicts))
        #expect(table.conflicts.count >= 5)
    }

    @Test func `each conflict and limit is about permissions that a room brings`() {
        let known = Set(table.all.map(\.code))
        for one in table.conflicts {
            #expect(known.isSuperset(of: [one.one.code, one.other.code]), "\(one.name)")
            #expect(one.one != one.other)
        }
        for one in table.limits { #expect(known.contains(one.permission.code), "\(one.name)") }
        for role in ShippedRole.allCases {
            for name in shippedLimits(role).keys {
                #expect(table.limits.contains { $0.name == name }, "\(role) \(name)")
            }
            for code in shippedRights(role) { #expect(known.contains(code), "\(role) \(code)") }
        }
    }

    @Test func `a narrowed grant narrows rows, leaves what has none, and gives nothing over all`() {
        let some = Bounds([.warehouse: [1]])
        let rights: Set = ["stock.see", "stock.adjust", "item.see", "user.see", "user.manage"]
        let given = allowances(card(rights), reads: some, writes: .none, table)
        #expect(given[Permission("stock.see")] == Allowance(bounds: some))
        #expect(given[Permission("stock.adjust")] == Allowance())
        #expect(given[Permission("item.see")] == Allowance())
        #expect(given[Permission("user.see")] == nil)
        #expect(given[Permission("user.manage")] == Allowance())
    }

    @Test func `two grants never mix into a third`() {
        let one = Bounds([.warehouse: [1], area: [10]])
        let other = Bounds([.warehouse: [2], area: [20]])
        let scope = Scope([one, other])
        #expect(scope.allows([.warehouse: 1, area: 10]))
        #expect(scope.allows([.warehouse: 2, area: 20]))
        #expect(!scope.allows([.warehouse: 1, area: 20]))
        #expect(!scope.allows([.warehouse: 2, area: 10]))
        // A dimension that a row does not have does not hide it.
        #expect(scope.allows([.warehouse: 1]))
        #expect(!scope.allows([.warehouse: 3]))
        #expect(scope.values(of: .warehouse) == [1, 2])
        #expect(Scope([one, Bounds([area: [20]])]).values(of: .warehouse) == nil)
        #expect(Scope.nothing.values(of: .warehouse) == [])
        #expect(!Scope.nothing.allows([:]))
        #expect(Scope([one, .none]) == .everything)
    }

    @Test func `the common part of two hands is in both, for random hands`() {
        var dice = SeededDice()
        let seed = dice.seed
        func hand() -> [Permission: [Allowance]] {
            var hand: [Permission: [Allowance]] = [:]
            for permission in ["a", "b"].map({ Permission($0, .rows) }) {
                hand[permission] = (0..<Int.random(in: 0...3, using: &dice)).map { _ in
                    var values: [Dimension: Set<Int64>] = [:]
                    for dimension in [Dimension.warehouse, area] {
                        if Bool.random(using: &dice) { continue }
                        values[dimension] = Set((1...3).filter { _ in Bool.random(using: &dice) })
                    }
                    return Allowance(bounds: Bounds(values))
                }
            }
            return hand
        }
        for _ in 0..<300 {
            let (mine, theirs) = (hand(), hand())
            let both = common(mine, theirs)
            for permission in mine.keys {
                for warehouse in Int64(1)...3 {
                    for place in Int64(1)...3 {
                        let row = [Dimension.warehouse: warehouse, area: place]
                        func may(_ hand: [Permission: [Allowance]]) -> Bool {
                            (hand[permission] ?? []).contains { $0.bounds.allows(row) }
                        }
                        #expect(may(both) == (may(mine) && may(theirs)), "seed \(seed)")
                    }
                }
            }
        }
    }

    @Test func `whoever gives must hold at least as much, in rows and in amounts`() {
        let limit = "adjustment.quantity"
        let adjust = Permission("stock.adjust")
        func holder(_ allowance: Allowance) -> Caller {
            Caller(
                actor: .user(1), name: "Lin", permissions: [adjust], scope: .nothing, language: .en,
                allowances: [adjust: [allowance]])
        }
        let narrow = Bounds([.warehouse: [1, 2]])
        let cases: [(held: Allowance, wanted: Allowance, may: Bool)] = [
            (Allowance(), Allowance(), true),
            (Allowance(), Allowance(bounds: narrow, most: [limit: 5]), true),
            (Allowance(bounds: narrow), Allowance(), false),
            (Allowance(bounds: narrow), Allowance(bounds: Bounds([.warehouse: [2]])), true),
            (Allowance(bounds: narrow), Allowance(bounds: Bounds([.warehouse: [3]])), false),
            (Allowance(most: [limit: 10]), Allowance(), false),
            (Allowance(most: [limit: 10]), Allowance(most: [limit: 10]), true),
            (Allowance(most: [limit: 10]), Allowance(most: [limit: 11]), false),
        ]
        for one in cases {
            #expect(holder(one.held).holds(adjust, one.wanted) == one.may, "\(one)")
        }
        #expect(!holder(Allowance()).holds(Permission("stock.see"), Allowance()))
    }

    @Test func `the largest amount is that of the grants that reach the row`() {
        let limit = ActionLimit("n", of: Permission("stock.adjust"), unit: "base")
        let caller = Caller(
            actor: .user(1), name: "Lin", permissions: [limit.permission], scope: .nothing,
            language: .en,
            allowances: [
                limit.permission: [
                    Allowance(bounds: Bounds([.warehouse: [1]]), most: ["n": 5]),
                    Allowance(bounds: Bounds([.warehouse: [1, 2]]), most: ["n": 9]),
                    Allowance(bounds: Bounds([.warehouse: [3]])),
                ]
            ])
        #expect(caller.most(limit, at: [.warehouse: 1]) == 9)
        #expect(caller.most(limit, at: [.warehouse: 2]) == 9)
        #expect(caller.most(limit, at: [.warehouse: 3]) == nil)
    }
}
