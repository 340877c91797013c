// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Kernel
import Ledger
import ModuleKit
import SealedStore
import TestKit
import Testing
import Web

@testable import Inventory

extension TestHouse {
    /// The code of the refusal that `work` ends with; nil when it is done.
    func refusal(_ work: () throws -> Void) throws -> String? {
        do {
            try work()
            return nil
        } catch let refusal as any Refusal {
            return refusal.code
        }
    }

    func verdict() throws -> BookVerdict { try store.read { try verifyGoods($0) } }

    func reverse(_ movement: Movement, by caller: Caller = TestHouse.root) throws -> Movement {
        try store.write {
            try Inventory.reverse(movement.id, note: "", by: caller, in: $0)
        }
    }

    func close(place id: ID<Place>) throws {
        try store.write { tx in
            _ = try edit(
                id, name: nil, state: .closed, if: EditCondition("*"), by: Self.root, in: tx)
        }
    }

    func close(warehouse id: ID<Warehouse>) throws {
        try store.write { tx in
            _ = try edit(
                id, name: nil, state: .closed, if: EditCondition("*"), by: Self.root, in: tx)
        }
    }

    func warehouse(of bin: ID<Place>) throws -> ID<Warehouse> {
        let place = try store.read { try $0.place(bin, within: .everything) }
        return try #require(place?.warehouse)
    }
}

@Suite struct MovingTests {
    @Test func `goods come in, go aside and go out, and each movement tells exactly one event`()
        throws
    {
        let house = try TestHouse()
        let (dock, shelf) = (try house.bin("DOCK"), try house.bin("A-01"))
        let tea = try house.goods("TEA")
        let head = try house.head()
        let receipt = try house.receive("12", of: tea, at: dock)
        try house.move(
            MovementDraft(
                kind: .move, variant: tea.variant, count: Quantity(pieces: 5), place: dock,
                toPlace: shelf))
        try house.ship("2", of: tea, from: shelf)
        try house.move(
            MovementDraft(
                kind: .adjust, variant: tea.variant, count: Quantity(pieces: 1), place: shelf,
                change: .decrease, reason: .damaged, note: "fell"))
        #expect(try house.level(of: tea, at: dock) == "7")
        #expect(try house.level(of: tea, at: shelf) == "2")
        #expect(try house.told(after: head) == Array(repeating: "stock.moved", count: 4))
        #expect(receipt.seq == head + 1)
        #expect(try house.verdict().transfers == 4)
        #expect(try house.verdict().difference == nil)
    }

    @Test func `a bin gives no more than it has, and says how much that is`() throws {
        let house = try TestHouse()
        let shelf = try house.bin("A-01")
        let rice = try house.goods("RICE", scale: 3)
        try house.receive("1.250", of: rice, at: shelf)
        let head = try house.head()
        #expect(
            throws: StockRefusal.insufficient(
                item: "RICE", wanted: try Quantity(units: 1251, scale: 3),
                available: try Quantity(units: 1250, scale: 3), place: "A-01")
        ) { try house.ship("1.251", of: rice, from: shelf) }
        #expect(try house.told(after: head) == [])
        try house.ship("1.25", of: rice, from: shelf)
        #expect(try house.level(of: rice, at: shelf) == "0.000")
    }

    @Test func `a count finer than the item is counted in is refused`() throws {
        let house = try TestHouse()
        let shelf = try house.bin("A-01")
        let tea = try house.goods("TEA")
        #expect(throws: (any Error).self) { try house.receive("1.5", of: tea, at: shelf) }
        try house.receive("2.0", of: tea, at: shelf)
        #expect(try house.level(of: tea, at: shelf) == "2")
    }

    @Test func `one box of nine comes in, nine pieces go out, and nothing is left over`() throws {
        let house = try TestHouse()
        let shelf = try house.bin("A-01")
        let cups = try house.goods("CUP", caseOf: 9)
        let movement = try house.receive("1", of: cups, at: shelf, packaging: cups.caseOf)
        #expect(movement.quantity == Quantity(pieces: 9))
        #expect(movement.count == "1")
        #expect(movement.packaging == cups.caseOf)
        for _ in 0..<9 { try house.ship("1", of: cups, from: shelf) }
        #expect(try house.level(of: cups, at: shelf) == "0")
        #expect(
            try house.refusal { try house.ship("1", of: cups, from: shelf) } == "stock.insufficient"
        )
        #expect(
            try house.store.read {
                try $0.integer(
                    "SELECT count(*) FROM stock_balance WHERE outside = 0 AND amount > 0")
            } == 0)
        #expect(try house.verdict().difference == nil)
    }

    @Test func `a third of a box of nine is three, and a fourth is refused`() throws {
        let house = try TestHouse()
        let shelf = try house.bin("A-01")
        let cups = try house.goods("CUP", caseOf: 8)
        try house.receive("1.25", of: cups, at: shelf, packaging: cups.caseOf)
        #expect(try house.level(of: cups, at: shelf) == "10")
        #expect(throws: (any Error).self) {
            try house.receive("0.1", of: cups, at: shelf, packaging: cups.caseOf)
        }
        let other = try house.goods("POT", caseOf: 2)
        #expect(
            try house.refusal {
                try house.receive("1", of: cups, at: shelf, packaging: other.caseOf)
            } == "packaging.foreign")
    }

    @Test func `goods of retired items may leave but not come in`() throws {
        let house = try TestHouse()
        let shelf = try house.bin("A-01")
        let tea = try house.goods("TEA")
        try house.receive("3", of: tea, at: shelf)
        #expect(
            try house.send(.post, "/api/v1/items/\(tea.item)/retirement", json: "{}").status == 200)
        #expect(
            try house.refusal { try house.receive("1", of: tea, at: shelf) } == "stock.item_retired"
        )
        try house.ship("3", of: tea, from: shelf)
        #expect(try house.level(of: tea, at: shelf) == "0")
    }
}

@Suite struct LotTests {
    private let lots = Tracking(lot: true, expiry: true, serial: false)

    @Test func `lots are counted apart and keep their day`() throws {
        let house = try TestHouse()
        let shelf = try house.bin("A-01")
        let milk = try house.goods("MILK", tracking: lots)
        let (first, second) = (try BusinessDay("2026-12-31"), try BusinessDay("2027-01-31"))
        try house.receive("5", of: milk, at: shelf, lot: "L1", expiry: first)
        try house.receive("7", of: milk, at: shelf, lot: "L2", expiry: second)
        try house.receive("1", of: milk, at: shelf, lot: "L1")
        try house.ship("6", of: milk, from: shelf, lot: "L1")
        #expect(
            try house.refusal { try house.ship("1", of: milk, from: shelf, lot: "L1") }
                == "stock.insufficient")
        #expect(try house.level(of: milk, at: shelf) == "7")
        let kept = try house.store.read {
            try $0.lots(of: milk.variant, within: .everything, after: "", limit: 10)
        }
        #expect(kept.map(\.code) == ["L1", "L2"])
        #expect(kept.map(\.expiry) == [first, second])
    }

    @Test func `the same lot code of two items is two lots`() throws {
        let house = try TestHouse()
        let shelf = try house.bin("A-01")
        let day = try BusinessDay("2027-01-31")
        let (milk, curd) = (
            try house.goods("MILK", tracking: lots), try house.goods("CURD", tracking: lots)
        )
        try house.receive("5", of: milk, at: shelf, lot: "L1", expiry: day)
        #expect(
            try house.refusal { try house.ship("1", of: curd, from: shelf, lot: "L1") }
                == "stock.lot_unknown")
        try house.receive("2", of: curd, at: shelf, lot: "L1", expiry: try day.adding(days: 1))
        #expect(try house.level(of: milk, at: shelf) == "5")
        #expect(try house.level(of: curd, at: shelf) == "2")
    }

    @Test func `a lot that was refused with its goods is not there`() throws {
        let house = try TestHouse()
        let shelf = try house.bin("A-01")
        let milk = try house.goods("MILK", tracking: lots)
        #expect(
            try house.refusal { try house.receive("5", of: milk, at: shelf, lot: "L1") }
                == "stock.expiry_required")
        #expect(try house.store.read { try $0.integer("SELECT count(*) FROM stock_lot") } == 0)
        #expect(try house.store.read { try $0.integer("SELECT count(*) FROM stock_unit") } == 0)
    }
}

@Suite struct ReversalTests {
    @Test func `a reversal is linked both ways and happens once`() throws {
        let house = try TestHouse()
        let shelf = try house.bin("A-01")
        let cups = try house.goods("CUP", caseOf: 9)
        let receipt = try house.receive("2", of: cups, at: shelf, packaging: cups.caseOf)
        let head = try house.head()
        let reversal = try house.reverse(receipt)
        #expect(reversal.reverses == receipt.id)
        #expect(reversal.quantity == Quantity(pieces: 18))
        #expect(reversal.from == receipt.to && reversal.to == receipt.from)
        #expect(try house.level(of: cups, at: shelf) == "0")
        #expect(try house.told(after: head) == ["stock.moved"])
        let seen = try house.store.read { try $0.movement(receipt.id, within: .everything) }
        #expect(seen?.reversedBy == reversal.id)
        #expect(throws: StockRefusal.alreadyReversed(by: reversal.id.description)) {
            try house.reverse(receipt)
        }
        #expect(
            try house.refusal { _ = try house.reverse(reversal) } == "stock.reversal_of_reversal")
        #expect(try house.verdict().difference == nil)
    }

    @Test func `what has gone on since cannot be taken back`() throws {
        let house = try TestHouse()
        let shelf = try house.bin("A-01")
        let tea = try house.goods("TEA")
        let receipt = try house.receive("5", of: tea, at: shelf)
        let shipment = try house.ship("1", of: tea, from: shelf)
        #expect(try house.refusal { _ = try house.reverse(receipt) } == "stock.insufficient")
        _ = try house.reverse(shipment)
        _ = try house.reverse(receipt)
        #expect(try house.level(of: tea, at: shelf) == "0")
    }

    @Test func `goods do not come back into a bin that was closed since`() throws {
        let house = try TestHouse()
        let shelf = try house.bin("A-01")
        let tea = try house.goods("TEA")
        try house.receive("5", of: tea, at: shelf)
        let shipment = try house.ship("5", of: tea, from: shelf)
        try house.close(place: shelf)
        #expect(try house.refusal { _ = try house.reverse(shipment) } == "stock.place_closed")
    }

    @Test func `nobody takes goods out of a bin beyond their sight by a reversal`() throws {
        let house = try TestHouse()
        let (here, there) = (try house.bin("A-01"), try house.bin("B-01", in: "SPARE"))
        let tea = try house.goods("TEA")
        try house.receive("5", of: tea, at: here)
        let move = try house.move(
            MovementDraft(
                kind: .move, variant: tea.variant, count: Quantity(pieces: 5), place: here,
                toPlace: there))
        let narrow = Caller(
            actor: .user(9), name: "Wang", permissions: [],
            scope: .warehouses([try house.warehouse(of: here).raw]), language: .en)
        #expect(
            try house.refusal { _ = try house.reverse(move, by: narrow) } == "stock.place_unknown")
        #expect(try house.level(of: tea, at: there) == "5")
    }
}

@Suite struct PlaceTests {
    @Test func `a bin in a closed zone or warehouse takes no goods`() throws {
        let house = try TestHouse()
        let tea = try house.goods("TEA")
        let shelf = try house.bin("A-01")
        let main = try house.warehouse(of: shelf)
        let (zone, inZone) = try house.store.write { tx in
            let zone = try addPlace(
                PlaceDraft(warehouse: main, kind: .zone, code: "Z", name: ""),
                by: TestHouse.root, in: tx
            ).id
            let bin = try addPlace(
                PlaceDraft(warehouse: main, parent: zone, kind: .bin, code: "Z-01", name: ""),
                by: TestHouse.root, in: tx
            ).id
            return (zone, bin)
        }
        try house.receive("1", of: tea, at: inZone)
        #expect(try house.refusal { try house.close(place: zone) } == "stock.place_not_empty")
        #expect(
            try house.refusal { try house.close(warehouse: main) } == "stock.warehouse_not_empty")
        try house.ship("1", of: tea, from: inZone)
        try house.close(place: zone)
        #expect(
            try house.refusal { try house.receive("1", of: tea, at: inZone) }
                == "stock.place_closed")
        try house.receive("1", of: tea, at: shelf)
        try house.ship("1", of: tea, from: shelf)
        try house.close(warehouse: main)
        #expect(
            try house.refusal { try house.receive("1", of: tea, at: shelf) } == "stock.place_closed"
        )
    }

    @Test func `a place out of sight is as unknown as one that is not there`() throws {
        let house = try TestHouse()
        let tea = try house.goods("TEA")
        let (mine, other) = (try house.bin("A-01"), try house.bin("B-01", in: "SPARE"))
        try house.receive("5", of: tea, at: other)
        let narrow = Caller(
            actor: .device(3), name: "Dock", permissions: [],
            scope: .warehouses([try house.warehouse(of: mine).raw]), language: .en)
        for place in [other, ID(999), Outside.supplier.id] {
            #expect(throws: StockRefusal.placeUnknown(code: place.description)) {
                try house.store.write { tx in
                    _ = try Inventory.move(
                        MovementDraft(
                            kind: .ship, variant: tea.variant, count: Quantity(pieces: 1),
                            place: place), by: narrow, in: tx)
                }
            }
        }
        let seen = try house.store.read { tx in
            (
                try tx.movements(
                    MovementFilter(), within: narrow.scope, before: .max, limit: 9
                ).count, try balances(of: tea.variant, by: narrow, in: tx).count,
                try tx.amount(of: tea.variant, within: narrow.scope),
                try tx.movements(
                    MovementFilter(), within: .warehouses([]), before: .max, limit: 9
                ).count
            )
        }
        #expect(seen == (0, 0, 0, 0))
    }
}
