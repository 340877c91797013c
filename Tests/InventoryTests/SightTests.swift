// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import TestKit
import Testing
import Web

@testable import Inventory

/// The days of warehouses, by which whoever sees some of them finds their movements.
@Suite struct SightTests {
    private struct Booking: Sendable {
        let number: Int64
        let warehouse: Int64
        let kind: MovementKind
        let day: Int
        let isVisit: Bool
    }

    /// Bookings in three warehouses over some weeks, with a clock that goes back at times.
    private func bookings(_ dice: inout SeededDice) -> [Booking] {
        var day = 0
        return (Int64(1)...6_000).map { number in
            if Int.random(in: 0..<300, using: &dice) == 0 { day += 1 }
            if Int.random(in: 0..<1_500, using: &dice) == 0 { day = max(0, day - 3) }
            return Booking(
                number: number, warehouse: Int64.random(in: 1...3, using: &dice),
                kind: MovementKind.allCases.randomElement(using: &dice) ?? .receive, day: day,
                isVisit: Int.random(in: 0..<20, using: &dice) == 0)
        }
    }

    private func keep(_ bookings: [Booking], _ house: TestHouse) throws {
        for code in ["WEST", "NORTH", "SOUTH"] {
            let made = try house.send(
                .post, "/api/v1/warehouses",
                json: #"{"code":"\#(code)","name":"\#(code)","firstBin":"\#(code)-01"}"#)
            #expect(made.status == 201)
        }
        try house.store.write { tx in
            let start = try tx.today()
            for one in bookings {
                let day = try start.adding(days: Int64(one.day))
                if one.isVisit {
                    try tx.noteVisit(ID(one.number), to: ID(one.warehouse), on: day)
                } else {
                    try tx.countMovement(
                        ID(one.number), as: one.kind, of: ID(one.warehouse), on: day)
                }
            }
            tx.markTold()
        }
    }

    @Test func `walking the sights of a warehouse newest first leaves out no movement`() throws {
        let house = try TestHouse()
        var dice = SeededDice()
        let all = bookings(&dice)
        try keep(all, house)
        for _ in 0..<60 {
            let seen = Set((Int64(1)...3).filter { _ in Bool.random(using: &dice) })
            let before = Int64.random(in: 1...6_100, using: &dice)
            let limit = Int.random(in: 1...80, using: &dice)
            let query = sightQuery(of: seen, before: before, limit: limit)
            let sights = try house.store.read { tx in
                try tx.all(query.sql, query.arguments) { ($0.int64(0), $0.int64(1)) }
            }
            // As a page walks them: from the end down, each once.
            var read: Set<Int64> = []
            var end = before
            for (from, to) in sights where from < end {
                read.formUnion(from..<max(from, min(end, to + 1)))
                end = from
            }
            let whole = sights.count < limit
            let wanted = all.filter {
                seen.contains($0.warehouse) && $0.number < before && (whole || $0.number >= end)
            }
            #expect(wanted.allSatisfy { read.contains($0.number) }, "seed \(dice.seed)")
        }
    }

    @Test func `the index of sights is written once in a thousand movements`() throws {
        let house = try TestHouse()
        try house.bin("A-01")
        let day = try house.store.read { try $0.today() }
        var reaches: Set<Int64> = []
        for number in Int64(1)...3_000 where number % 7 == 0 {
            let reach = try house.store.write { tx in
                try tx.countMovement(ID(number), as: .receive, of: ID(1), on: day)
                tx.markTold()
                return try tx.integer("SELECT reach_id FROM stock_day") ?? 0
            }
            #expect(reach >= number)
            reaches.insert(reach)
        }
        #expect(reaches == [1023, 2047, 3071])
    }
}
