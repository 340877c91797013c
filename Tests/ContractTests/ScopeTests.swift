// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Access
import Catalog
import Foundation
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Inventory

/// Who is narrowed to some warehouses sees exactly what everybody sees, less the rest (G-6).
struct ScopeTests {
    /// Three warehouses with two bins each, two kinds of goods, and a random month of movements.
    final class Books {
        let house: TestHouse
        let goods: [Goods]
        let bins: [ID<Place>]
        let seed: UInt64

        init() throws {
            house = try TestHouse()
            goods = [
                try house.goods("PLAIN", barcode: "PLAIN-EACH"),
                try house.goods(
                    "LOTS", tracking: Tracking(lot: true, expiry: true, serial: false)),
            ]
            var bins: [ID<Place>] = []
            for warehouse in ["NORTH", "SOUTH", "WEST"] {
                for bin in ["1", "2"] {
                    bins.append(try house.bin("\(warehouse)-\(bin)", in: warehouse))
                }
            }
            self.bins = bins
            var dice = SeededDice()
            seed = dice.seed
            for step in 0..<80 { try act(step, &dice) }
        }

        /// One movement; what the rules refuse is left out.
        private func act(_ step: Int, _ dice: inout SeededDice) throws {
            let isLot = Bool.random(using: &dice)
            let place = bins[Int.random(in: 0..<bins.count, using: &dice)]
            let other = bins[Int.random(in: 0..<bins.count, using: &dice)]
            let kind: MovementKind =
                step < 20
                ? .receive : [.receive, .ship, .move, .adjust].randomElement(using: &dice)!
            var draft = MovementDraft(
                kind: kind, variant: goods[isLot ? 1 : 0].variant,
                count: try Quantity(decimal: "\(Int.random(in: 1...9, using: &dice))"),
                place: place)
            if kind == .move { draft.toPlace = other }
            if kind == .adjust {
                draft.change = Bool.random(using: &dice) ? .increase : .decrease
                draft.reason = .correction
            }
            if isLot {
                let number = Int.random(in: 1...3, using: &dice)
                draft.lot = "L\(number)"
                if kind == .receive {
                    draft.expiry = try BusinessDay("2026-12-0\(number)")
                }
            }
            try house.clock.pass(seconds: 20_000)
            do {
                try house.move(draft)
            } catch is StockRefusal {}
        }
    }

    /// Every choice of the three warehouses, none and all too.
    private static let choices: [Set<Int64>] = [
        [], [1], [2], [3], [1, 2], [1, 3], [2, 3], [1, 2, 3],
    ]

    @Test func `stock within a scope is the stock of its warehouses`() throws {
        let books = try Books()
        try books.house.store.read { tx in
            let all = try tx.balances(
                BalanceFilter(), within: .everything, after: (unit: 0, place: 0), limit: 1000)
            let home = try homes(books, tx)
            #expect(all.count > 5)
            for choice in Self.choices {
                let scope = Scope.warehouses(choice)
                let place: Comment = "seed \(books.seed), \(choice.sorted())"
                let seen = all.filter { choice.contains(home[$0.place] ?? 0) }
                #expect(
                    try tx.balances(
                        BalanceFilter(), within: scope, after: (unit: 0, place: 0), limit: 1000)
                        == seen, place)
                try sums(books, seen, scope, tx, place)
                let caller = Caller(
                    actor: .device(1), name: "Gun", permissions: [], scope: scope, language: .en)
                for goods in books.goods {
                    #expect(
                        try balances(of: goods.variant, by: caller, in: tx)
                            == seen.filter { $0.variant == goods.variant }, place)
                }
                for bin in books.bins {
                    #expect(
                        try balances(at: bin, by: caller, in: tx)
                            == seen.filter { $0.place == bin }, place)
                }
            }
        }
    }

    /// Sums over what is seen are sums of what is seen.
    private func sums(
        _ books: Books, _ seen: [Balance], _ scope: Scope, _ tx: ReadTransaction, _ place: Comment
    ) throws {
        let levels = try tx.levels(
            BalanceFilter(), within: scope, after: (item: 0, variant: 0), limit: 1000)
        for goods in books.goods {
            let mine = seen.filter { $0.variant == goods.variant }
            let total = mine.reduce(0) { $0 + $1.amount }
            #expect(try tx.amount(of: goods.variant, within: scope) == total, place)
            let level = levels.first { $0.variant == goods.variant }
            #expect((level?.amount ?? 0) == total, place)
            #expect((level?.places ?? 0) == Int64(Set(mine.map(\.place)).count), place)
        }
        #expect(
            try tx.stockedVariants(within: scope) == Int64(Set(seen.map(\.variant)).count), place)
        let lots = Set(seen.compactMap(\.lot))
        #expect(
            try tx.lotsOnHand(expiringBy: try BusinessDay("2030-01-01"), within: scope)
                == Int64(lots.count), place)
    }

    @Test func `movements within a scope are those that touch its warehouses`() throws {
        let books = try Books()
        try books.house.store.read { tx in
            let all = try tx.movements(
                MovementFilter(), within: .everything, before: .max, limit: 1000)
            let home = try homes(books, tx)
            #expect(all.count > 20)
            for choice in Self.choices {
                let scope = Scope.warehouses(choice)
                let place: Comment = "seed \(books.seed), \(choice.sorted())"
                let seen = all.filter {
                    choice.contains(home[$0.from] ?? 0) || choice.contains(home[$0.to] ?? 0)
                }
                #expect(
                    try tx.movements(MovementFilter(), within: scope, before: .max, limit: 1000)
                        == seen, place)
                for bin in books.bins {
                    #expect(
                        try tx.movements(
                            MovementFilter(place: bin), within: scope, before: .max, limit: 1000)
                            == seen.filter { $0.from == bin || $0.to == bin }, place)
                }
                for movement in all {
                    let found = try tx.movement(movement.id, within: scope)
                    #expect(found == (seen.contains(movement) ? movement : nil), place)
                }
                // A day counts a movement where it was booked.
                let counted = try tx.dayFigures(since: try BusinessDay("2020-01-01"), within: scope)
                let parts = try choice.map { one in
                    try tx.dayFigures(
                        since: try BusinessDay("2020-01-01"), within: .warehouses([one])
                    ).reduce(0) { $0 + $1.all }
                }
                #expect(counted.reduce(0) { $0 + $1.all } == parts.reduce(0, +), place)
            }
        }
    }

    @Test func `places within a scope are those of its warehouses`() throws {
        let books = try Books()
        try books.house.store.read { tx in
            let all = try tx.places(PlaceFilter(), within: .everything, after: "", limit: 1000)
            let warehouses = try tx.warehouses(within: .everything, after: 0, limit: 1000)
            #expect(all.count == 6 && warehouses.count == 3)
            for choice in Self.choices {
                let scope = Scope.warehouses(choice)
                let seen = all.filter { choice.contains($0.warehouse?.raw ?? 0) }
                #expect(try tx.places(PlaceFilter(), within: scope, after: "", limit: 1000) == seen)
                #expect(try tx.openBins(within: scope) == Int64(seen.count))
                #expect(
                    try tx.warehouses(within: scope, after: 0, limit: 1000)
                        == warehouses.filter { choice.contains($0.id.raw) })
                for one in all {
                    let found = seen.contains(one) ? one : nil
                    #expect(try tx.place(one.id, within: scope) == found)
                    #expect(try place(code: one.code, within: scope, in: tx) == found)
                }
                for one in warehouses {
                    let isSeen = choice.contains(one.id.raw)
                    #expect(try tx.warehouse(one.id, within: scope) == (isSeen ? one : nil))
                }
            }
        }
    }

    private func homes(_ books: Books, _ tx: ReadTransaction) throws -> [ID<Place>: Int64] {
        try tx.places(Set(books.bins)).compactMapValues { $0.warehouse?.raw }
    }

    @Test func `a scanner of one warehouse neither sees nor moves goods of another`() throws {
        let books = try Books()
        let house = books.house
        let added = try house.send(
            .post, "/api/v1/devices", json: #"{"name":"Gun","warehouse":"whs-1"}"#)
        let device = TestHouse.Sender.device(try #require(added.json["token"]?.text))
        func scan(_ task: String, _ place: String, _ more: String = "") throws -> Answer {
            let body = """
                {"event":"\(UUID().uuidString)","task":"\(task)","place":"\(place)",\
                "code":"PLAIN-EACH"\(more)}
                """
            return try house.send(.post, "/api/v1/scans", json: body, as: device)
        }
        let look = try scan("look", "NORTH-1")
        #expect(look.status == 200)
        let warehouses = (look.json["balances"]?.elements ?? []).map {
            $0["place"]?["warehouse"]?.text
        }
        #expect(warehouses.allSatisfy { $0 == "NORTH" })
        let before = try house.head()
        for answer in [
            try scan("receive", "SOUTH-1"), try scan("ship", "WEST-2"),
            try scan("move", "NORTH-1", #","toPlace":"SOUTH-2""#),
        ] {
            #expect(answer.code == "scan.place_unknown")
        }
        #expect(try house.head() == before)
        #expect(try scan("receive", "NORTH-1").status == 200)
    }

    /// Questions about stock that take no scope, and why.
    private static let unscoped: [String: String] = [
        "warehouseCodes": "names for rows that are in sight already",
        "places(_ ids": "names for both sides of movements and balances in sight",
        "isOpen": "asked of a place that was looked up within the scope",
        "warehouseHoldsGoods": "asked of a warehouse that was looked up within the scope",
        "placeHoldsGoods": "asked of a place that was looked up within the scope",
        "amount(of variant: ID<Variant>, at place": "the place was looked up within the scope",
        "bin(ofSerial": "a serial is one thing in the whole house",
        "sightQuery": "takes the warehouses of a scope",
        "movementCount": "a figure of the whole books, for whoever opens practice books",
        "lastMovement(before": "a bound of a window of time, of all movements",
        "firstMovement(after": "a bound of a window of time, of all movements",
        "parkedScan(event": "the sender's own scan, which came again",
        "openUnknownCodes": "codes that the catalogue is asked about; told to nobody",
        "reversibleMovement": "the caller's own movement, of which the journal tells",
    ]

    @Test func `whatever reads stock or places takes a scope`() {
        let files = SourceTree.rooms.filter {
            $0.path.contains("/Inventory/Store/") || $0.path.contains("/Scanning/Store")
        }
        #expect(files.count >= 5)
        var unused = Set(Self.unscoped.keys)
        var scoped = 0
        for file in files {
            // From one function to the next.
            for text in finds("\\bfunc ((?:(?!\\bfunc )[\\s\\S])*)", in: file.file.text) {
                guard reads(text.text) else { continue }
                let signature = String(text.text.prefix { $0 != "{" })
                if signature.contains("scope: Scope") {
                    scoped += 1
                    // Whoever forgets it must not get everything.
                    #expect(!signature.contains("scope: Scope ="), "\(signature)")
                } else if let known = unused.first(where: { signature.hasPrefix($0) })
                    ?? Self.unscoped.keys.first(where: { signature.hasPrefix($0) })
                {
                    unused.remove(known)
                } else {
                    Issue.record("\(file.path):\(text.line): \(signature)")
                }
            }
        }
        #expect(scoped >= 10)
        #expect(unused == [], "exceptions that are not needed")
    }

    private func reads(_ text: String) -> Bool {
        !finds(
            "(?:FROM|JOIN)\\s+(?:stock_(?:balance|movement|place|warehouse|day|visit|transfer)|scan_parked|\\\\\\(movementJoins)",
            in: text
        ).isEmpty
    }
}
