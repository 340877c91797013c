// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Foundation
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Access

/// Whatever somebody with narrowed grants reads over the API is what the owner reads, less the rows
/// out of sight: rows(user) = filter(rows(owner)), for every operation that reads rows (G-6).
struct RowScopeTests {
    private typealias Rows = [JSON]

    private let books: ScopeTests.Books
    private var house: TestHouse { books.house }
    /// Place → code of its warehouse.
    private let home: [String: String]
    private static let codes = ["NORTH", "SOUTH", "WEST"]

    init() throws {
        books = try ScopeTests.Books()
        let places = try Self.all("/api/v1/places", of: books.house, as: .root)
        home = Dictionary(
            uniqueKeysWithValues: places.map {
                ($0["id"]?.text ?? "", $0["warehouse"]?["code"]?.text ?? "")
            })
        for (number, place) in ["NORTH-1", "SOUTH-2", "NORTH-2", "NOWHERE"].enumerated() {
            let body = """
                {"event":"\(UUID().uuidString)","task":"receive","place":"\(place)",\
                "code":"UNKNOWN-\(number % 2)"}
                """
            let answer = try books.house.send(.post, "/api/v1/scans", json: body)
            #expect(answer.status < 300, "\(answer.text)")
        }
    }

    /// What marks a bin's label, as it stands in an address.
    private static let label = "%25P"
    private static let rights: Set = [
        "item.see", "stock.see", "parked.see", "stock.receive", "parked.resolve", "stock.adjust",
        "place.edit", "user.see",
    ]

    /// Somebody with one grant of reading and writing for each choice of warehouses.
    private func person(
        _ name: String, reads: [Set<Int64>], writes: [Set<Int64>], rights: Set<String> = Self.rights
    ) throws -> TestHouse.Sender {
        let table = house.house.gate.roles
        let hash = try #require(Stocked.hash)
        let token = try house.store.write { tx in
            let user = try addUser(
                name: name, password: hash, language: .en, by: TestHouse.root, in: tx)
            for (read, write) in zip(reads, writes) {
                let role = try addRole(
                    RoleDraft(
                        name: "\(name) \(read.sorted()) \(write.sorted())", purpose: "",
                        rights: rights, most: [:]), table,
                    by: Caller(
                        actor: .system("test"), name: "test", permissions: Set(table.all),
                        scope: .everything, language: .en), in: tx)
                _ = try give(
                    GrantDraft(
                        user: user.id, role: role.role, reads: Bounds([.warehouse: read]),
                        writes: Bounds([.warehouse: write])), accepting: true, table,
                    by: TestHouse.root, in: tx)
            }
            let visitor = Visitor(address: "local", agent: "", laneToken: nil)
            return try comeIn(user, .password, visitor, in: tx).token
        }
        return .session(token)
    }

    /// All pages of a list.
    private static func all(
        _ path: String, of house: TestHouse, as sender: TestHouse.Sender, limit: Int = 200
    ) throws -> Rows {
        var rows: Rows = []
        var after: String?
        repeat {
            let mark = path.contains("?") ? "&" : "?"
            let more = after.map { "&after=\($0)" } ?? ""
            let page = try house.send(.get, "\(path)\(mark)limit=\(limit)\(more)", as: sender)
            #expect(page.status == 200, "\(path): \(page.text)")
            rows += page.json["items"]?.elements ?? []
            after = page.json["next"]?.text
        } while after != nil && rows.count < 5000
        return rows
    }

    private func all(_ path: String, as sender: TestHouse.Sender, limit: Int = 200) throws -> Rows {
        try Self.all(path, of: house, as: sender, limit: limit)
    }

    /// The ids of rows, or what stands for them.
    private func ids(_ rows: Rows) -> [String] {
        rows.map { row in
            row["id"]?.text
                ?? [row["place"]?["id"], row["variant"]?["id"], row["lot"]?["id"]].map {
                    $0?.text ?? ""
                }.joined(separator: " ")
        }
    }

    /// Queries of each list that reads rows, which are narrowed in every way that it offers.
    private func queries() -> [String] {
        var queries = [
            "warehouses", "places", "places?q=1", "places?q=SOUTH", "places?kind=bin",
            "stock/balances", "stock/balances?q=LOTS", "parked-codes", "stock/movements",
        ]
        for warehouse in 1...3 {
            queries += [
                "places?warehouse=whs-\(warehouse)", "stock/balances?warehouse=whs-\(warehouse)",
            ]
        }
        for goods in books.goods {
            queries += ["stock/balances", "stock/movements"].map {
                "\($0)?variant=\(goods.variant)"
            }
        }
        for bin in books.bins {
            queries += ["stock/balances", "stock/movements"].map { "\($0)?place=\(bin)" }
        }
        for kind in ["receive", "ship", "move", "adjust"] {
            queries.append("stock/movements?kind=\(kind)")
        }
        return queries
    }

    /// Whether a row of a list touches one of the warehouses.
    private func lies(_ row: JSON, in seen: Set<String>) -> Bool {
        if let code = row["warehouse"]?["code"]?.text ?? row["place"]?["warehouse"]?.text {
            return seen.contains(code)
        }
        if row["from"] != nil {
            return [row["from"], row["to"]].contains { side in
                (side?["id"]?.text).flatMap { home[$0] }.map(seen.contains) ?? false
            }
        }
        if row["task"] != nil {
            let place = row["place"]?.text ?? ""
            return Self.codes.contains { place.hasPrefix("\($0)-") && seen.contains($0) }
        }
        return seen.contains(row["code"]?.text ?? "")
    }

    private static let choices: [[Set<Int64>]] = [
        [[1]], [[2]], [[3]], [[1, 2]], [[1], [3]], [[2, 3], [2]], [[1], [2], [3]],
    ]

    @Test func `every list of rows is the owner's list less what is out of sight`() throws {
        for choice in Self.choices {
            let seen = Set(choice.flatMap { $0 }.map { Self.codes[Int($0) - 1] })
            let sender = try person("lists \(choice)", reads: choice, writes: choice)
            for query in queries() {
                let whole = try all("/api/v1/\(query)", as: .root)
                for limit in [200, 3] {
                    let mine = try all("/api/v1/\(query)", as: sender, limit: limit)
                    let wanted = ids(whole.filter { lies($0, in: seen) })
                    #expect(
                        ids(mine) == wanted,
                        "seed \(books.seed), \(seen.sorted()), \(query), \(limit)")
                }
            }
            let movements = try all("/api/v1/stock/movements", as: .root)
            for one in movements {
                let id = one["id"]?.text ?? ""
                let answer = try house.send(.get, "/api/v1/stock/movements/\(id)", as: sender)
                #expect(answer.status == (lies(one, in: seen) ? 200 : 404), "\(id)")
            }
            try aggregates(of: sender, seen, movements)
            try masked(sender)
        }
    }

    /// Sums, counts and the home screen's figures are those of the rows in sight.
    private func aggregates(
        of sender: TestHouse.Sender, _ seen: Set<String>, _ movements: Rows
    ) throws {
        let name: Comment = "seed \(books.seed), \(seen.sorted())"
        let mine = try all("/api/v1/stock/balances", as: .root).filter { lies($0, in: seen) }
        func units(_ rows: Rows) -> Int64 {
            rows.reduce(0) { $0 + (Int64($1["quantity"]?.text ?? "") ?? -1_000_000) }
        }
        let levels = try all("/api/v1/stock/levels", as: sender)
        #expect(Set(levels.map { $0["variant"]?["id"]?.text }).count == levels.count)
        var held = 0
        for goods in books.goods {
            let id = goods.variant.description
            let rows = mine.filter { $0["variant"]?["id"]?.text == id }
            if !rows.isEmpty { held += 1 }
            let point = try house.send(.get, "/api/v1/stock/level?variant=\(id)", as: sender)
            #expect(point.json["quantity"]?.text == "\(units(rows))", name)
            let level = levels.first { $0["variant"]?["id"]?.text == id }
            #expect(units([level].compactMap { $0 }) == units(rows), name)
            for bin in books.bins {
                let one = try house.send(
                    .get, "/api/v1/stock/level?variant=\(id)&place=\(bin)", as: sender)
                let isSeen = seen.contains(home[bin.description] ?? "")
                #expect(one.status == (isSeen ? 200 : 404), name)
            }
            let lots = try all("/api/v1/lots?variant=\(id)", as: sender)
            let touched = movements.filter {
                lies($0, in: seen) && $0["variant"]?["id"]?.text == id
            }.compactMap { $0["lot"]?["id"]?.text }
            #expect(Set(ids(lots)) == Set(touched), name)
        }
        let home = try house.send(.get, "/api/v1/stock/overview", as: sender).json
        let places = try all("/api/v1/places", as: .root).filter { lies($0, in: seen) }
        #expect(home["bins"] == .integer(Int64(places.count)), name)
        #expect(home["stockedVariants"] == .integer(Int64(held)), name)
        #expect(levels.count == held, name)
        let latest = movements.filter { lies($0, in: seen) }.prefix(8)
        #expect(ids(home["latest"]?.elements ?? []) == ids(Array(latest)), name)
    }

    /// Names of people are left out everywhere for whoever may not read them.
    private func masked(_ sender: TestHouse.Sender) throws {
        let rows = try all("/api/v1/stock/movements", as: sender)
        #expect(rows.allSatisfy { $0["actorName"] == .null })
        let parked = try all("/api/v1/parked-codes", as: sender)
        #expect(parked.allSatisfy { $0["by"] == .null })
        let whole = try all("/api/v1/stock/movements", as: .root)
        #expect(whole.allSatisfy { $0["actorName"]?.text != nil })
    }

    @Test func `what may be changed is narrowed apart from what may be seen`() throws {
        let sender = try person("apart", reads: [[1, 2, 3]], writes: [[2]])
        for bin in books.bins {
            let code = home[bin.description] ?? ""
            let body =
                #"{"kind":"receive","variant":"\#(books.goods[0].variant)","count":"1","place":"\#(bin)"}"#
            let answer = try house.send(.post, "/api/v1/stock/movements", json: body, as: sender)
            #expect(answer.status == (code == "SOUTH" ? 201 : 404), "\(code): \(answer.text)")
        }
        #expect(try all("/api/v1/warehouses", as: sender).count == 3)
        let parked = try all("/api/v1/parked-codes", as: sender)
        #expect(parked.count == 3)
        for one in parked {
            let answer = try house.send(
                .post, "/api/v1/parked-codes/\(one["id"]?.text ?? "")/dismissal",
                json: #"{"reason":"gone"}"#, as: sender)
            let isSouth = one["place"]?.text == "SOUTH-2"
            #expect(answer.status == (isSouth ? 200 : 404), "\(answer.text)")
        }
        // A permission over all rows is not given by a narrowed grant.
        #expect(try house.send(.get, "/api/v1/users", as: sender).status == 403)
    }

    @Test func `what a bin's label means is told to whoever sees the bin`() throws {
        let north = try person("north", reads: [[1]], writes: [[1, 2, 3]])
        for (code, isSeen) in [("NORTH-1", true), ("SOUTH-1", false), ("WEST-2", false)] {
            for (sender, sees) in [(north, isSeen), (.root, true)] {
                let answer = try house.send(
                    .get, "/api/v1/code-readings?code=\(Self.label)\(code)", as: sender)
                #expect(
                    answer.json["place"]?["code"]?.text == (sees ? code : nil), "\(answer.text)")
            }
        }
        // Whoever sees goods only sees no places.
        let seller = try person("seller", reads: [[1]], writes: [[1]], rights: ["item.see"])
        let answer = try house.send(
            .get, "/api/v1/code-readings?code=\(Self.label)NORTH-1", as: seller)
        #expect(answer.status == 200 && answer.json["place"] == .null, "\(answer.text)")
    }

    @Test func `live events are those whose rows are in sight`() throws {
        for choice in Self.choices {
            let ids = Set(choice.flatMap { $0 })
            let seen = Set(ids.map { Self.codes[Int($0) - 1] })
            let scope = Scope(choice.map { Bounds([.warehouse: $0]) })
            let movements = try all("/api/v1/stock/movements", as: .root)
            let wanted = Set(
                movements.filter { lies($0, in: seen) }.compactMap { $0["id"]?.text })
            let events = try house.house.pastEvents(after: 0, limit: 10_000)
            let found = try events.filter { $0.kind == "stock.moved" && $0.lies(within: scope) }
                .compactMap { try JSON(reading: $0.data)["subject"]?.text }
            #expect(Set(found) == wanted, "seed \(books.seed), \(seen.sorted())")
            #expect(found.count == wanted.count)
            for event in events where event.topic == "stock.see" {
                let mask = try JSON(reading: try #require(event.masked))
                #expect(mask["actorName"] == .null)
            }
            let added = events.filter {
                $0.kind == "stock.warehouse_added" && $0.lies(within: scope)
            }
            #expect(added.count == ids.count)
        }
    }

    /// Operations that read rows and where their rows are compared here.
    private static let compared: Set<String> = [
        "GET /api/v1/warehouses", "GET /api/v1/places", "GET /api/v1/stock/balances",
        "GET /api/v1/stock/levels", "GET /api/v1/stock/level", "GET /api/v1/stock/movements",
        "GET /api/v1/stock/movements/{id}", "GET /api/v1/stock/overview", "GET /api/v1/lots",
        "GET /api/v1/parked-codes",
    ]

    @Test func `no operation that reads rows is left out here`() throws {
        let reading = house.house.api.endpoints.filter { endpoint in
            guard case .permission(let need) = endpoint.need else { return false }
            return need.reach == .rows && endpoint.method == .get
        }.map(\.name)
        #expect(Set(reading) == Self.compared)
    }
}
