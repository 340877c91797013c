// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Kernel
import TestKit
import Testing

@testable import Inventory

@Suite struct PlanRuleTests {
    private let item = "TEA"

    private func place(
        _ id: Int64, _ kind: PlaceKind = .bin, _ state: PlaceState = .open
    ) -> Place {
        Place(
            id: ID(id), code: "A-\(id)", name: "", kind: kind,
            warehouse: kind == .outside ? nil : ID(1), parent: nil, state: state, edition: 1)
    }

    private func facts(
        _ pieces: Int64 = 5, place: Place? = nil, toPlace: Place? = nil, closed: Set<Int64> = [],
        active: Bool = true, lot: Bool = false, serial: Bool = false
    ) -> MovementFacts {
        MovementFacts(
            itemCode: item, itemActive: active,
            tracking: Tracking(lot: lot, expiry: false, serial: serial),
            place: place ?? self.place(10), toPlace: toPlace,
            closed: Set(closed.map { ID($0) }), quantity: Quantity(pieces: pieces))
    }

    private func draft(
        _ kind: MovementKind, change: AdjustmentChange? = nil, reason: AdjustmentReason? = nil,
        lot: String? = nil, serial: String? = nil
    ) -> MovementDraft {
        MovementDraft(
            kind: kind, variant: ID(1), count: Quantity(pieces: 5), place: ID(10), change: change,
            lot: lot, serial: serial, reason: reason)
    }

    private func sides(_ draft: MovementDraft, _ facts: MovementFacts) throws -> [Int64] {
        let plan = try plan(draft, facts)
        return [plan.source.raw, plan.target.raw]
    }

    @Test func `each kind goes from where it says to where it says`() throws {
        let (supplier, customer, loss): (Int64, Int64, Int64) = (1, 2, 3)
        #expect(try sides(draft(.receive), facts()) == [supplier, 10])
        #expect(try sides(draft(.ship), facts()) == [10, customer])
        #expect(try sides(draft(.move), facts(toPlace: place(11))) == [10, 11])
        #expect(
            try sides(draft(.adjust, change: .increase, reason: .found), facts()) == [loss, 10])
        #expect(
            try sides(draft(.adjust, change: .decrease, reason: .lost), facts()) == [10, loss])
    }

    @Test func `only sides outside may go below zero`() throws {
        let receipt = try plan(draft(.receive), facts())
        #expect(receipt.sourceOutside && !receipt.targetOutside)
        let move = try plan(draft(.move), facts(toPlace: place(11)))
        #expect(!move.sourceOutside && !move.targetOutside)
    }

    @Test func `what is missing is named`() {
        let cases: [(MovementDraft, MovementFacts, StockRefusal)] = [
            (draft(.receive), facts(0), .countNotPositive),
            (draft(.receive), facts(-5), .countNotPositive),
            (draft(.move), facts(), .targetRequired),
            (draft(.move), facts(toPlace: place(10)), .samePlace),
            (draft(.adjust, reason: .lost), facts(), .changeRequired),
            (draft(.adjust, change: .decrease), facts(), .reasonRequired),
            (draft(.receive), facts(lot: true), .lotRequired(item: item)),
            (draft(.receive, lot: "L"), facts(), .lotNotTracked(item: item)),
            (draft(.receive), facts(1, serial: true), .serialRequired(item: item)),
            (draft(.receive, serial: "S"), facts(1), .serialNotTracked(item: item)),
            (draft(.receive, serial: "S"), facts(2, serial: true), .serialNotSingle),
            (draft(.receive), facts(place: place(10, .zone)), .placeNotBin(code: "A-10")),
            (draft(.receive), facts(closed: [10]), .placeClosed(code: "A-10")),
            (
                draft(.move), facts(toPlace: place(11), closed: [11]),
                .placeClosed(code: "A-11")
            ),
            (draft(.move), facts(toPlace: place(11, .zone)), .placeNotBin(code: "A-11")),
        ]
        for (draft, facts, refusal) in cases {
            #expect(throws: refusal, "\(refusal)") { try plan(draft, facts) }
        }
    }

    @Test func `a retired item leaves but does not come in`() throws {
        let leaves = [
            draft(.ship), draft(.adjust, change: .decrease, reason: .expired), draft(.move),
        ]
        for draft in leaves { _ = try plan(draft, facts(toPlace: place(11), active: false)) }
        for draft in [draft(.receive), draft(.adjust, change: .increase, reason: .found)] {
            #expect(throws: StockRefusal.itemRetired(item: item)) {
                try plan(draft, facts(active: false))
            }
        }
    }
}

@Suite struct ExpiryRuleTests {
    private func day(_ text: String) throws -> BusinessDay { try BusinessDay(text) }

    private func lot(_ expiry: BusinessDay?) -> Lot {
        Lot(
            id: ID(1), variant: ID(1), code: "L", expiry: expiry, createdAt: TestClock.monday)
    }

    @Test func `a new lot of goods that expire needs its day`() throws {
        #expect(throws: StockRefusal.expiryRequired(item: "TEA")) {
            try planExpiry(of: nil, code: "L", given: nil, tracked: true, item: "TEA")
        }
        let day = try day("2027-01-31")
        #expect(
            try planExpiry(of: nil, code: "L", given: day, tracked: true, item: "TEA") == day)
        #expect(
            try planExpiry(of: nil, code: "L", given: nil, tracked: false, item: "TEA") == nil)
    }

    @Test func `a known lot keeps its day, and another one is refused`() throws {
        let day = try day("2027-01-31")
        for given in [nil, day] {
            #expect(
                try planExpiry(of: lot(day), code: "L", given: given, tracked: true, item: "TEA")
                    == day)
        }
        #expect(throws: StockRefusal.expiryDiffers(lot: "L", expiry: day)) {
            try planExpiry(
                of: lot(day), code: "L", given: try self.day("2027-02-01"), tracked: true,
                item: "TEA")
        }
        #expect(throws: StockRefusal.expiryDiffers(lot: "L", expiry: nil)) {
            try planExpiry(of: lot(nil), code: "L", given: day, tracked: true, item: "TEA")
        }
    }
}
