// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import Testing

@testable import Catalog

struct ItemActionsTests {
    @Test func `a new item has one variant with its base packaging`() throws {
        let shelf = try Shelf()
        let card = try shelf.add()
        #expect(card.variants.count == 1)
        #expect(card.variants[0].variant.code == "NF-550")
        #expect(card.variants[0].variant.name == "")
        #expect(card.variants[0].packagings.count == 1)
        #expect(card.base.level == .base && card.base.content == .one && card.base.name == "瓶")
        #expect(try shelf.events() == ["catalog.item_added \(card.item.id)"])
        #expect(
            try shelf.lastFacts()
                == #"{"baseUnit":"瓶","code":"NF-550","name":"农夫山泉饮用天然水","scale":0,"#
                + #""tracking":{"expiry":false,"lot":false,"serial":false}}"#)
    }

    @Test(arguments: ["NF-550", "nf-550", "ｎｆ－５５０"])
    func `the code of an item names one item`(code: String) throws {
        let shelf = try Shelf()
        try shelf.add("NF-550")
        #expect(throws: CatalogRefusal.itemCodeTaken(code: code)) { try shelf.add(code) }
        #expect(try shelf.events().count == 1)
    }

    @Test func `an edit tells old and new, and nothing when nothing changed`() throws {
        let shelf = try Shelf()
        let card = try shelf.add()
        let id = card.item.id
        let edited = try shelf.write {
            try edit(
                id, ItemEdit(name: "山泉", alias: "水"), if: EditCondition("\"e1\""), by: clerk, in: $0
            )
        }
        #expect(edited.item.name == "山泉" && edited.item.edition == 2)
        #expect(try shelf.lastFacts() == #"{"alias":["","水"],"name":["农夫山泉饮用天然水","山泉"]}"#)
        let same = try shelf.write {
            try edit(id, ItemEdit(name: "山泉"), if: EditCondition("\"e2\""), by: clerk, in: $0)
        }
        #expect(same.item.edition == 2)
        #expect(try shelf.events().count == 2)
    }

    @Test func `an edit of an old version is refused`() throws {
        let shelf = try Shelf()
        let id = try shelf.add().item.id
        _ = try shelf.write { try retire(id, by: clerk, in: $0) }
        #expect(throws: KitRefusal.stale(current: "e2")) {
            try shelf.write {
                try edit(id, ItemEdit(name: "x"), if: EditCondition("\"e1\""), by: clerk, in: $0)
            }
        }
    }

    @Test func `tracking may change until stock has moved`() throws {
        let shelf = try Shelf()
        let card = try shelf.add()
        let id = card.item.id
        let lot = Tracking(lot: true, expiry: true, serial: false)
        let edited = try shelf.write {
            try edit(id, ItemEdit(tracking: lot), if: EditCondition("*"), by: clerk, in: $0)
        }
        #expect(edited.item.tracking == lot)
        try shelf.use(edited.item, packaging: edited.base.id)
        #expect(throws: CatalogRefusal.trackingFixed(item: "NF-550")) {
            try shelf.write {
                try edit(
                    id, ItemEdit(tracking: Tracking.none), if: EditCondition("*"), by: clerk, in: $0
                )
            }
        }
        let same = try shelf.write {
            try edit(
                id, ItemEdit(name: "山泉", tracking: lot), if: EditCondition("*"), by: clerk, in: $0)
        }
        #expect(same.item.name == "山泉")
    }

    @Test func `an item is retired and comes back`() throws {
        let shelf = try Shelf()
        let card = try shelf.add()
        let id = card.item.id
        _ = try shelf.attachCode("6901234567892", to: card.base.id)
        #expect(try shelf.write { try retire(id, by: clerk, in: $0) }.item.state == .retired)
        #expect(throws: LifecycleRefusal.self) {
            try shelf.write { try retire(id, by: clerk, in: $0) }
        }
        #expect(throws: CatalogRefusal.itemRetired(item: "NF-550")) {
            try shelf.write { try addVariant(to: id, code: "R", name: "", by: clerk, in: $0) }
        }
        #expect(throws: CatalogRefusal.itemRetired(item: "NF-550")) {
            try shelf.attachCode("ABC", to: card.base.id)
        }
        let today = try shelf.today()
        let match = try shelf.read {
            try resolve(code: "6901234567892", gtin: nil, on: today, in: $0)
        }
        #expect(match.first?.item.state == .retired)
        #expect(try shelf.write { try reinstate(id, by: clerk, in: $0) }.item.state == .active)
        #expect(
            try shelf.events() == [
                "catalog.item_added \(id)", "catalog.code_added \(id)",
                "catalog.item_retired \(id)",
                "catalog.item_reinstated \(id)",
            ])
    }

    @Test func `a variant has a code of its own within its item`() throws {
        let shelf = try Shelf()
        let id = try shelf.add().item.id
        let card = try shelf.write {
            try addVariant(to: id, code: "RED", name: "红色", by: clerk, in: $0)
        }
        #expect(card.variants.map(\.variant.name) == ["", "红色"])
        #expect(card.variants[1].packagings.map(\.packaging.level) == [.base])
        #expect(throws: CatalogRefusal.variantCodeTaken(code: "red", item: "NF-550")) {
            try shelf.write { try addVariant(to: id, code: "red", name: "", by: clerk, in: $0) }
        }
        let other = try shelf.add("NF-330", "小瓶").item.id
        _ = try shelf.write { try addVariant(to: other, code: "RED", name: "", by: clerk, in: $0) }
        #expect(throws: CatalogRefusal.itemUnknown(item: "itm-99")) {
            try shelf.write { try addVariant(to: ID(99), code: "X", name: "", by: clerk, in: $0) }
        }
    }
}

struct PackagingActionsTests {
    @Test func `a case is added with its codes`() throws {
        let shelf = try Shelf()
        let card = try shelf.addCase(of: try shelf.add(), codes: ["16901234567899", "X-1", "x-1"])
        let box = try #require(card.packaging(named: "箱"))
        #expect(box.content == (try Ratio(24)))
        #expect(card.codes.map(\.code.text) == ["16901234567899", "X-1"])
        #expect(card.codes[0].code.gtin == "16901234567899" && card.codes[1].code.gtin == nil)
        #expect(try shelf.events().last == "catalog.packaging_added \(card.item.id)")
    }

    @Test func `a variant has one base and names each packaging once`() throws {
        let shelf = try Shelf()
        let card = try shelf.addCase(of: try shelf.add())
        #expect(throws: CatalogRefusal.packagingNameTaken(name: "箱")) {
            try shelf.addCase(of: card, 12)
        }
        #expect(throws: CatalogRefusal.packagingNameTaken(name: "瓶")) {
            try shelf.addCase(of: card, 12, name: "瓶")
        }
        let variant = card.variants[0].variant.id
        #expect(throws: CatalogRefusal.baseFixed) {
            try shelf.write {
                try addPackaging(
                    PackagingDraft(level: .base, name: "b", content: .one), codes: [], to: variant,
                    by: clerk, in: $0)
            }
        }
        #expect(throws: CatalogRefusal.baseFixed) {
            try shelf.write { try retire(card.base.id, by: clerk, in: $0) }
        }
        for number in 2..<Limit.packagingsPerVariant {
            try shelf.addCase(of: card, Int64(number), name: "C\(number)")
        }
        #expect(throws: CatalogRefusal.packagingTooMany(most: Limit.packagingsPerVariant)) {
            try shelf.addCase(of: card, 99, name: "C99")
        }
    }

    @Test func `a retired packaging frees its name and codes, and still counts`() throws {
        let shelf = try Shelf()
        let first = try shelf.addCase(of: try shelf.add(), codes: ["16901234567899"])
        let old = try #require(first.packaging(named: "箱"))
        let retired = try shelf.write { try retire(old.id, by: clerk, in: $0) }
        #expect(retired.packaging(named: "箱")?.state == .retired)
        #expect(retired.codes[0].validTo == (try shelf.today()))
        #expect(throws: LifecycleRefusal.self) {
            try shelf.write { try retire(old.id, by: clerk, in: $0) }
        }
        let second = try shelf.addCase(of: first, 20, codes: ["16901234567899"])
        let today = try shelf.today()
        let matches = try shelf.read {
            try resolve(code: "16901234567899", gtin: nil, on: today, in: $0)
        }
        #expect(matches.map(\.packaging.content) == [try Ratio(20)])
        let goods = VariantCard(item: second.item, variant: second.variants[0].variant)
        let count = try Quantity(units: 2, scale: 0)
        #expect(
            try shelf.read { try baseQuantity(of: count, in: old.id, of: goods, $0) }.units == 48)
        #expect(throws: CatalogRefusal.packagingRetired(name: "箱")) {
            try shelf.attachCode("Q", to: old.id)
        }
    }

    @Test func `a packaging of other goods does not count`() throws {
        let shelf = try Shelf()
        let water = try shelf.addCase(of: try shelf.add())
        let tea = try shelf.add("TEA", "茶")
        let goods = VariantCard(item: tea.item, variant: tea.variants[0].variant)
        let box = try #require(water.packaging(named: "箱")).id
        let one = try Quantity(units: 1, scale: 0)
        #expect(throws: CatalogRefusal.packagingForeign(packaging: box.description, item: "TEA")) {
            try shelf.read { try baseQuantity(of: one, in: box, of: goods, $0) }
        }
        #expect(try shelf.read { try baseQuantity(of: one, in: nil, of: goods, $0) }.units == 1)
        #expect(try shelf.read { try basePackaging(of: goods, in: $0) } == tea.base)
    }
}

struct CodeActionsTests {
    @Test(
        arguments: [
            ("6901234567892", nil), ("06901234567892", nil), ("０6901234567892", nil),
            ("]C10106901234567892", "06901234567892"), ("whatever", "06901234567892"),
        ] as [(String, String?)])
    func `a code is recognised in every spelling`(text: String, gtin: String?) throws {
        let shelf = try Shelf()
        let card = try shelf.add()
        _ = try shelf.attachCode("6901234567892", to: card.base.id)
        let today = try shelf.today()
        let found = try shelf.read { try resolve(code: text, gtin: gtin, on: today, in: $0) }
        #expect(found.map(\.packaging.id) == [card.base.id])
        #expect(found.first?.item == (try shelf.read { try item(card.item.id, in: $0) }))
        #expect(try shelf.read { try resolve(code: "X", gtin: nil, on: today, in: $0) }.isEmpty)
    }

    @Test func `on one day a code means one packaging`() throws {
        let shelf = try Shelf()
        let water = try shelf.add()
        let tea = try shelf.add("TEA", "茶")
        _ = try shelf.attachCode("AB-1", to: water.base.id)
        #expect(throws: CatalogRefusal.codeTaken(code: "ab-1", item: "NF-550")) {
            try shelf.attachCode("ab-1", to: tea.base.id)
        }
        #expect(throws: CatalogRefusal.codeTaken(code: "AB-1", item: "NF-550")) {
            try shelf.addCase(of: tea, codes: ["AB-1"])
        }
        #expect(try shelf.count("catalog_code") == 1)
        #expect(try shelf.count("catalog_packaging") == 2)
    }

    @Test func `a supplier uses a code again after it has ended`() throws {
        let shelf = try Shelf()
        let water = try shelf.add()
        let tea = try shelf.add("TEA", "茶")
        let code = try #require(try shelf.attachCode("AB-1", to: water.base.id).codes.first)
        let first = try shelf.today()
        shelf.wait(days: 10)
        let last = try shelf.today()
        let ended = try shelf.write { try end(code.id, on: nil, by: clerk, in: $0) }
        #expect(ended.codes[0].validTo == last)
        #expect(throws: CatalogRefusal.codeTaken(code: "AB-1", item: "NF-550")) {
            try shelf.attachCode("AB-1", to: tea.base.id)
        }
        shelf.wait(days: 1)
        _ = try shelf.attachCode("AB-1", to: tea.base.id)
        let now = try shelf.today()
        let found = try shelf.read { tx in
            try [first, last, now].map {
                try resolve(code: "AB-1", gtin: nil, on: $0, in: tx).map(\.item.code)
            }
        }
        #expect(found == [["NF-550"], ["NF-550"], ["TEA"]])
        let before = try first.adding(days: -1)
        #expect(try shelf.read { try resolve(code: "AB-1", gtin: nil, on: before, in: $0) }.isEmpty)
        #expect(throws: CatalogRefusal.codeEnded(code: "AB-1", validTo: last)) {
            try shelf.write { try end(code.id, on: nil, by: clerk, in: $0) }
        }
    }

    @Test func `a code that was a mistake is taken off and put right at once`() throws {
        let shelf = try Shelf()
        let water = try shelf.add()
        let tea = try shelf.add("TEA", "茶")
        let code = try #require(try shelf.attachCode("AB-1", to: water.base.id).codes.first)
        #expect(try shelf.write { try end(code.id, on: nil, by: clerk, in: $0) }.codes.isEmpty)
        #expect(try shelf.lastFacts().contains(#""takenOff":true"#))
        _ = try shelf.attachCode("AB-1", to: tea.base.id)
        #expect(try shelf.find("AB-1") == ["TEA"])
    }

    @Test func `the same code again changes nothing`() throws {
        let shelf = try Shelf()
        let card = try shelf.add()
        _ = try shelf.attachCode("6901234567892", to: card.base.id)
        let again = try shelf.attachCode("06901234567892", to: card.base.id)
        #expect(again.codes.count == 1)
        #expect(try shelf.events().count == 2)
    }

    @Test func `a validity must not end before it begins`() throws {
        let shelf = try Shelf()
        let card = try shelf.add()
        let from = try BusinessDay("2027-01-02")
        let to = try BusinessDay("2027-01-01")
        #expect(throws: CatalogRefusal.validityInvalid(from: from, to: to)) {
            try shelf.attachCode("A", to: card.base.id, from: from, until: to)
        }
        let planned = try shelf.attachCode("A", to: card.base.id, from: from)
        #expect(planned.codes[0].validFrom == from)
        let today = try shelf.today()
        #expect(try shelf.read { try resolve(code: "A", gtin: nil, on: today, in: $0) }.isEmpty)
        #expect(throws: CatalogRefusal.codeUnknown(code: "cod-77")) {
            try shelf.write { try end(ID(77), on: nil, by: clerk, in: $0) }
        }
    }

    @Test func `a packaging has a limit of codes`() throws {
        let shelf = try Shelf()
        let card = try shelf.add()
        for number in 1...Limit.codesPerPackaging {
            _ = try shelf.attachCode("N\(number)", to: card.base.id)
        }
        #expect(throws: CatalogRefusal.codeTooMany(most: Limit.codesPerPackaging)) {
            try shelf.attachCode("ONE-MORE", to: card.base.id)
        }
    }
}
