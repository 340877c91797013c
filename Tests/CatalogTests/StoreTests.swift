// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore
import Testing

@testable import Catalog

struct StoreTests {
    /// What the planner may do: look up by index or row id, walk an index in order, or the search
    /// index. A scan of a table of ours grows with the catalogue.
    @Test(
        arguments: [
            matchesQuery, variantQuery, variantsQuery, listQuery, listByStateQuery, searchQuery,
            searchIDsQuery, packagingQuery, usesQuery, ownersQuery, barcodesQuery,
            undoObstaclesQuery, itemsExtendedQuery, itemsByCodeQuery,
        ])
    func `no query walks a whole table`(sql: String) throws {
        let plan = try Shelf().plan(sql)
        let walks = plan.filter { line in
            line.hasPrefix("SCAN") && !line.contains("VIRTUAL TABLE INDEX")
                && !line.contains("json_each")
        }
        #expect(walks.isEmpty, "\(plan)")
    }

    @Test(arguments: [listQuery, listByStateQuery, searchQuery, searchIDsQuery])
    func `pages come in order without sorting`(sql: String) throws {
        let plan = try Shelf().plan(sql)
        #expect(!plan.contains { $0.contains("ORDER BY") }, "\(plan)")
    }

    @Test func `the code of a scan is resolved by its key alone`() throws {
        let plan = try Shelf().plan(matchesQuery)
        #expect(
            plan.contains { $0.contains("catalog_code_key (key=? AND valid_from<?)") }, "\(plan)")
    }

    @Test(
        arguments: [
            "UPDATE catalog_item SET scale = 2", "UPDATE catalog_item SET base_unit = 'kg'",
            "UPDATE catalog_packaging SET content_num = 12 WHERE level = 'case'",
            "UPDATE catalog_packaging SET state = 'retired' WHERE level = 'base'",
            "UPDATE catalog_code SET key = 'x', gtin = NULL",
            "UPDATE catalog_code SET packaging_id = 1",
            "INSERT INTO catalog_code (packaging_id, code, key, valid_from) "
                + "VALUES (1, 'x', '06901234567892', '2026-12-01')",
            "INSERT INTO catalog_packaging (variant_id, level, name, name_key, content_num, "
                + "content_den, state) VALUES (1, 'base', 'b', 'b', 1, 1, 'active')",
            "INSERT INTO catalog_packaging (variant_id, level, name, name_key, content_num, "
                + "content_den, state) VALUES (1, 'case', '箱', '箱', 6, 1, 'active')",
            "INSERT INTO catalog_packaging (variant_id, level, name, name_key, content_num, "
                + "content_den, state) VALUES (1, 'case', 'c', 'c', 0, 1, 'active')",
            "UPDATE catalog_item SET track_serial = 1, scale = 1",
            "DELETE FROM catalog_packaging WHERE level = 'case'",
        ])
    func `the tables keep the rules by themselves`(sql: String) throws {
        let shelf = try Shelf()
        try shelf.addCase(of: try shelf.add(), codes: ["6901234567892"])
        #expect {
            try shelf.write { tx in
                try tx.run(sql)
                try tx.tell(CatalogEvent.itemChanged, about: "-", [:], by: clerk)
            }
        } throws: { error in
            if case StoreFault.constraint = error { return true }
            return false
        }
    }

    @Test func `many ids are looked up at once and unknown ones left out`() throws {
        let shelf = try Shelf()
        let cards = try (1...5).map { try shelf.add("C-\($0)", "商品\($0)") }
        let ids = cards.map(\.variants[0].variant.id)
        let found = try shelf.read { try variantCards(ids + [ID(999)], in: $0) }
        #expect(found.count == 5)
        #expect(found[ids[2]]?.item.code == "C-3")
        let bases = try shelf.read { try packagings(cards.map(\.base.id), in: $0) }
        #expect(bases.values.allSatisfy { $0.level == .base && $0.content == .one })
        #expect(try shelf.read { try items([], in: $0) }.isEmpty)
    }

    @Test func `pages follow each other without gap or repetition`() throws {
        let shelf = try Shelf()
        for number in 1...23 { try shelf.add("P-\(100 + number)", "商品\(number)") }
        for q in ["", "商品"] {
            var seen: [String] = []
            var after: Cursor?
            repeat {
                let page = try shelf.read {
                    try itemPage(
                        q: q, state: .active, PageRequest(limit: 5, after: after), in: $0)
                }
                #expect(page.items.count <= 5)
                seen += page.items.map(\.item.code)
                after = try page.next.map { try Cursor(text: $0.text) }
            } while after != nil
            #expect(seen.count == 23)
            #expect(Set(seen).count == 23)
            #expect(q.isEmpty ? seen == seen.sorted() : seen == seen.sorted().reversed())
        }
    }

    @Test func `a cursor of another list is refused`() throws {
        let shelf = try Shelf()
        let cursor = Cursor([.integer(1)])
        #expect(throws: PageRefusal.cursorMalformed) {
            try shelf.read {
                try itemPage(q: "", state: nil, PageRequest(after: cursor), in: $0)
            }
        }
    }
}

struct SearchTests {
    @Test(
        arguments: [
            "nfsq", "NFSQ", "nongfu", "nongfushan", "农夫", "山泉", "农夫山泉饮用天然水", "天然水", "水", "yytrs",
            "tianran", "6901", "690123456", "6901234567892", "nf-5", "NF550", "ｎｆ－５５０", "550ml",
            "50m",
            "红瓶", "hp", "农夫 550", "nf 水", "天然 6901",
        ])
    func `an item is found by`(q: String) throws {
        let shelf = try Shelf()
        let card = try shelf.add("NF-550", "农夫山泉饮用天然水 550ml", alias: "红瓶 矿泉")
        _ = try shelf.attachCode("6901234567892", to: card.base.id)
        try shelf.add("KL-330", "可口可乐 330ml")
        #expect(try shelf.find(q) == ["NF-550"])
    }

    @Test(arguments: ["可乐水", "6902", "农山", "nsq", "5500", "\"", "*", "--", "nf OR kl"])
    func `an item is not found by`(q: String) throws {
        let shelf = try Shelf()
        let card = try shelf.add("NF-550", "农夫山泉饮用天然水 550ml")
        _ = try shelf.attachCode("6901234567892", to: card.base.id)
        #expect(try shelf.find(q).isEmpty)
    }

    @Test(arguments: ["036000291452", "0036000291452", "00036000291452", "0360002"])
    func `leading zeros of a trade item number do not count`(q: String) throws {
        let shelf = try Shelf()
        let card = try shelf.add()
        _ = try shelf.attachCode("036000291452", to: card.base.id)
        #expect(try shelf.find(q) == ["NF-550"])
    }

    @Test func `the index follows every edit`() throws {
        let shelf = try Shelf()
        let card = try shelf.add("A-1", "山泉水")
        #expect(try shelf.find("山泉") == ["A-1"])
        _ = try shelf.write {
            try edit(
                card.item.id, ItemEdit(name: "矿泉水"), if: EditCondition("*"), by: clerk, in: $0)
        }
        #expect(try shelf.find("山泉").isEmpty)
        #expect(try shelf.find("kqs") == ["A-1"])
        _ = try shelf.write {
            try addVariant(to: card.item.id, code: "L", name: "大瓶", by: clerk, in: $0)
        }
        #expect(try shelf.find("大瓶") == ["A-1"])
        _ = try shelf.write { try retire(card.item.id, by: clerk, in: $0) }
        #expect(try shelf.find("kqs", state: .active).isEmpty)
        #expect(try shelf.find("kqs", state: .retired) == ["A-1"])
        #expect(try shelf.count("catalog_search") == 1)
    }

    @Test func `other rooms may narrow their lists by goods`() throws {
        let shelf = try Shelf()
        let first = try shelf.add("A-1", "山泉水")
        let second = try shelf.add("A-2", "山泉茶")
        let found = try shelf.read { try itemsMatching("shanquan", limit: 10, in: $0) }
        #expect(found == [second.item.id, first.item.id])
        #expect(try shelf.read { try itemsMatching("山泉", limit: 1, in: $0) }.count == 1)
        #expect(try shelf.read { try itemsMatching("--", limit: 1, in: $0) }.isEmpty)
    }
}
