// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Foundation
import Kernel
import Ledger
import SealedStore
import Synchronization
import TestKit
import Testing

@testable import Inventory

/// What one random step tried, and what became of it.
private struct Step: Sendable {
    let draft: MovementDraft?
    /// Which movement to take back instead, as a share of those there are.
    let reversal: Double
}

private enum Outcome: Sendable {
    case done(Movement)
    case refused(String)
    case nothing
}

/// A house with two warehouses and goods of every kind, and a plain model beside it.
private final class Random: Sendable {
    let house: TestHouse
    let bins: [ID<Place>]
    let goods: [Goods]
    let seed: UInt64
    let movements: [Movement]
    let refusals: [String: Int]

    static let lot = Tracking(lot: true, expiry: true, serial: false)
    static let serial = Tracking(lot: false, expiry: false, serial: true)

    init(steps count: Int) throws {
        let dice = Mutex(SeededDice())
        seed = dice.withLock { $0.seed }
        let house = try TestHouse()
        self.house = house
        let bins =
            try (1...3).map { try house.bin("A-0\($0)") }
            + (1...3).map { try house.bin("B-0\($0)", in: "SPARE") }
        self.bins = bins
        let goods = try [
            house.goods("TEA", caseOf: 24), house.goods("CUP", caseOf: 9),
            house.goods("RICE", scale: 3), house.goods("MILK", caseOf: 12, tracking: Self.lot),
            house.goods("DRILL", tracking: Self.serial),
        ]
        self.goods = goods
        let steps = dice.withLock { dice in
            (0..<count).map { _ in Self.step(&dice, goods, bins) }
        }
        let outcomes = Mutex<[Outcome]>([])
        let done = DispatchGroup()
        for step in steps {
            done.enter()
            house.store.submit({ try Self.carryOut(step, in: $0) }) { result in
                outcomes.withLock { outcomes in
                    switch result {
                    case .success(let movement):
                        outcomes.append(movement.map(Outcome.done) ?? .nothing)
                    case .failure(let error):
                        let code = (error as? any Refusal)?.code ?? "\(error)"
                        outcomes.append(.refused(code))
                    }
                }
                done.leave()
            }
        }
        done.wait()
        var movements: [Movement] = []
        var refusals: [String: Int] = [:]
        for outcome in outcomes.withLock({ $0 }) {
            switch outcome {
            case .done(let movement): movements.append(movement)
            case .refused(let code): refusals[code, default: 0] += 1
            case .nothing: break
            }
        }
        self.movements = movements
        self.refusals = refusals
    }

    private static func step(
        _ dice: inout SeededDice, _ goods: [Goods], _ bins: [ID<Place>]
    ) -> Step {
        guard Int.random(in: 0..<100, using: &dice) >= 4 else {
            return Step(draft: nil, reversal: Double.random(in: 0..<1, using: &dice))
        }
        let index = Int.random(in: 0..<goods.count, using: &dice)
        let thing = goods[index]
        let kinds: [MovementKind] = [.receive, .receive, .ship, .ship, .move, .adjust]
        let kind = kinds.randomElement(using: &dice) ?? .receive
        var draft = MovementDraft(
            kind: kind, variant: thing.variant,
            count: Quantity(pieces: Int64.random(in: 1...9, using: &dice)),
            place: bins.randomElement(using: &dice) ?? bins[0])
        if kind == .move { draft.toPlace = bins.randomElement(using: &dice) }
        if kind == .adjust {
            draft.change = Bool.random(using: &dice) ? .increase : .decrease
            draft.reason = .correction
        }
        if thing.caseOf != nil, Int.random(in: 0..<4, using: &dice) == 0 {
            draft.packaging = thing.caseOf
        }
        if index == 3 {
            let number = Int64.random(in: 1...4, using: &dice)
            draft.lot = "L\(number)"
            // One in ten names a day that the lot does not have.
            let slip: Int64 = Int.random(in: 0..<10, using: &dice) == 0 ? 1 : 0
            if kind == .receive || draft.change == .increase {
                draft.expiry = try? BusinessDay("2027-01-01").adding(days: number + slip)
            }
        }
        if index == 4 {
            draft.serial = "S\(Int.random(in: 1...12, using: &dice))"
            draft.count = Quantity(pieces: 1)
        }
        return Step(draft: draft, reversal: 0)
    }

    private static func carryOut(_ step: Step, in tx: WriteTransaction) throws -> Movement? {
        if let draft = step.draft { return try move(draft, by: TestHouse.root, in: tx) }
        let count = try movementCount(in: tx)
        guard count > 0 else { return nil }
        let id = ID<Movement>(Int64(step.reversal * Double(count)) + 1)
        return try reverse(id, note: "", by: TestHouse.root, in: tx)
    }

    /// What all movements of a bin add up to, by variant, lot and serial.
    var balances: [[String]: Int64] {
        var sums: [[String]: Int64] = [:]
        for movement in movements {
            let unit = [
                movement.variant.description, movement.lot?.description ?? "",
                movement.serial ?? "",
            ]
            sums[unit + [movement.from.description], default: 0] -= movement.quantity.units
            sums[unit + [movement.to.description], default: 0] += movement.quantity.units
        }
        return sums.filter { $0.value != 0 }
    }
}

@Suite struct RandomStockTests {
    @Test func `after thousands of random movements every list agrees with a plain model`() throws {
        let random = try Random(steps: 4000)
        let summary = random.refusals.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        print("stock: \(random.movements.count) movements, \(summary), seed \(random.seed)")
        let note: Comment = "seed \(random.seed)"
        let expected: Set = [
            "stock.insufficient", "stock.same_place", "stock.lot_unknown", "stock.expiry_differs",
            "stock.serial_on_hand", "stock.already_reversed", "stock.reversal_of_reversal",
        ]
        #expect(Set(random.refusals.keys).isSubset(of: expected), note)
        #expect(random.movements.count > 1000, note)
        try check(books: random, note)
        try check(balances: random, note)
        try check(levels: random, note)
        try check(movements: random, note)
    }

    private func check(books random: Random, _ note: Comment) throws {
        let verdict = try random.house.verdict()
        #expect(verdict.difference == nil, note)
        #expect(verdict.transfers == Int64(random.movements.count), note)
        #expect(random.movements.map(\.id.raw) == (1...Int64(random.movements.count)).map { $0 })
        let inside = random.balances.filter { Int64($0.key[3].dropFirst(4)) ?? 0 > 3 }
        #expect(inside.values.allSatisfy { $0 > 0 }, note)
        for (key, amount) in inside where !key[2].isEmpty { #expect(amount == 1, note) }
        let serials = inside.keys.map { $0[2] }.filter { !$0.isEmpty }
        #expect(Set(serials).count == serials.count, note)
    }

    private func filters(_ random: Random) throws -> [BalanceFilter] {
        let main = try random.house.warehouse(of: random.bins[0])
        let lot = random.movements.compactMap(\.lot).first
        return [
            BalanceFilter(), BalanceFilter(items: [random.goods[0].item, random.goods[3].item]),
            BalanceFilter(items: []), BalanceFilter(variant: random.goods[4].variant),
            BalanceFilter(warehouse: main), BalanceFilter(place: random.bins[4]),
            BalanceFilter(lot: lot),
            BalanceFilter(variant: random.goods[1].variant, place: random.bins[1]),
        ]
    }

    private func fits(_ filter: BalanceFilter, _ balance: Balance, _ random: Random) -> Bool {
        let inMain = random.bins[..<3].contains(balance.place)
        return (filter.items?.contains(balance.item) ?? true)
            && (filter.variant.map { $0 == balance.variant } ?? true)
            && (filter.warehouse == nil || inMain)
            && (filter.place.map { $0 == balance.place } ?? true)
            && (filter.lot.map { $0 == balance.lot } ?? true)
    }

    private func pages<Row>(
        limit: Int, _ page: (Row?) throws -> [Row]
    ) throws -> [Row] {
        var all: [Row] = []
        while true {
            let rows = try page(all.last)
            all += rows
            guard rows.count == limit else { return all }
        }
    }

    private func check(balances random: Random, _ note: Comment) throws {
        let store = random.house.store
        var every: [Balance] = []
        for (index, filter) in try filters(random).enumerated() {
            let found: [Balance] = try pages(limit: 3) { last in
                try store.read {
                    try $0.balances(
                        filter, within: .everything,
                        after: (last?.unit.raw ?? 0, last?.place.raw ?? 0), limit: 3)
                }
            }
            if index == 0 {
                every = found
                let kept = Dictionary(
                    uniqueKeysWithValues: found.map { balance in
                        (
                            [
                                balance.variant.description, balance.lot?.description ?? "",
                                balance.serial ?? "", balance.place.description,
                            ], balance.amount
                        )
                    })
                let model = random.balances.filter { Int64($0.key[3].dropFirst(4)) ?? 0 > 3 }
                #expect(kept == model, note)
            }
            #expect(found == every.filter { fits(filter, $0, random) }, note)
        }
    }

    private func check(levels random: Random, _ note: Comment) throws {
        let store = random.house.store
        let every = try store.read {
            try $0.balances(BalanceFilter(), within: .everything, after: (0, 0), limit: 100_000)
        }
        for filter in try filters(random) {
            let found: [Level] = try pages(limit: 2) { last in
                try store.read {
                    try $0.levels(
                        filter, within: .everything,
                        after: (last?.item.raw ?? 0, last?.variant.raw ?? 0), limit: 2)
                }
            }
            let groups = Dictionary(
                grouping: every.filter { fits(filter, $0, random) }, by: \.variant)
            #expect(found.map(\.variant) == groups.keys.sorted(), note)
            for level in found {
                let rows = groups[level.variant] ?? []
                #expect(level.amount == rows.map(\.amount).reduce(0, +), note)
                #expect(level.places == Int64(Set(rows.map(\.place)).count), note)
            }
        }
        for thing in random.goods {
            let model = every.filter { $0.variant == thing.variant }
            let total = try store.read { try $0.amount(of: thing.variant, within: .everything) }
            #expect(total == model.map(\.amount).reduce(0, +), note)
            for bin in random.bins {
                let here = try store.read { try $0.amount(of: thing.variant, at: bin) }
                #expect(here == model.filter { $0.place == bin }.map(\.amount).reduce(0, +), note)
            }
        }
    }

    private func check(movements random: Random, _ note: Comment) throws {
        let (goods, bins) = (random.goods, random.bins)
        let lot = random.movements.compactMap(\.lot).first
        let filters: [(MovementFilter, (Movement) -> Bool)] = [
            (MovementFilter(), { _ in true }),
            (MovementFilter(item: goods[0].item), { $0.item == goods[0].item }),
            (MovementFilter(variant: goods[2].variant), { $0.variant == goods[2].variant }),
            (MovementFilter(variant: ID(999)), { _ in false }),
            (MovementFilter(place: bins[5]), { $0.from == bins[5] || $0.to == bins[5] }),
            (MovementFilter(lot: lot), { $0.lot == lot }),
            (MovementFilter(kind: .adjust), { $0.kind == .adjust }),
            (MovementFilter(kind: .move), { $0.kind == .move }),
            (
                MovementFilter(item: goods[1].item, place: bins[0], kind: .ship),
                { movement in
                    movement.item == goods[1].item && movement.kind == .ship
                        && (movement.from == bins[0] || movement.to == bins[0])
                }
            ),
        ]
        let reversals = Dictionary(
            uniqueKeysWithValues: random.movements.compactMap { movement in
                movement.reverses.map { ($0, movement.id) }
            })
        for (filter, fits) in filters {
            let found: [Movement] = try pages(limit: 97) { last in
                try random.house.store.read {
                    try $0.movements(
                        filter, within: .everything, before: last?.id.raw ?? .max, limit: 97)
                }
            }
            let model = random.movements.reversed().filter(fits)
            #expect(found.map(\.id) == model.map(\.id), note)
            #expect(found.map(\.quantity) == model.map(\.quantity), note)
            #expect(found.allSatisfy { $0.reversedBy == reversals[$0.id] }, note)
        }
    }
}
