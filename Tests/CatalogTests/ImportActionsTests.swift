// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import Testing

@testable import Catalog

struct ImportActionsTests {
    private let heading = "item_code,item_name,base_unit,packaging_level,content,barcode\r\n"
    private static let tables = [
        ("catalog_item", "id, code, name, base_unit, scale, alias, note, state, used, edition"),
        ("catalog_variant", "id, item_id, code, name"),
        ("catalog_packaging", "id, variant_id, level, name, content_num, content_den, state"),
        ("catalog_code", "id, packaging_id, code, key, gtin, valid_from, valid_to"),
        ("catalog_search", "rowid, state, name, words"),
    ]

    private func dump(_ shelf: Shelf) throws -> [[String]] {
        try Self.tables.map { try shelf.dump($0.0, $0.1) }
    }

    private func preview(_ text: String, on shelf: Shelf) throws -> ImportCard {
        let prepared = try prepareImport(
            Array(text.utf8), fileName: "goods.csv", in: shelf.store)
        return try shelf.write { try keepPreview(prepared, by: clerk, in: $0) }
    }

    private func apply(
        _ id: ID<ItemImport>, _ mode: ImportMode, on shelf: Shelf
    ) throws -> ImportCard {
        let spoken = try pronunciation(for: id, in: shelf.store)
        return try shelf.write {
            try applyImport(id, mode: mode, spokenBy: spoken, by: clerk, in: $0)
        }
    }

    private func undo(_ id: ID<ItemImport>, on shelf: Shelf) throws -> ImportCard {
        try shelf.write { try undoImport(id, by: clerk, in: $0) }
    }

    @Test func `a look at a file changes nothing of the catalogue`() throws {
        let shelf = try Shelf()
        let before = try dump(shelf)
        let card = try preview(heading + "001,水,瓶,,,6901234567892\r\n002,,,,,\r\n", on: shelf)
        #expect(try dump(shelf) == before)
        #expect(card.batch.state == .previewed && card.batch.rows == 2)
        #expect(card.batch.good == 1 && card.batch.bad == 1)
        #expect(card.batch.newItems == 1 && card.batch.newCodes == 1)
        #expect(card.errors.map(\.code) == ["import.required"])
        #expect(card.sample.count == 2)
        #expect(card.sample[0].cells.first?.text == "001")
        #expect(try shelf.events() == ["catalog.import_previewed \(card.batch.id)"])
    }

    @Test func `a file is applied with leading zeros and found by its words`() throws {
        let shelf = try Shelf()
        let id = try preview(
            heading + "001,农夫山泉,瓶,,,0012\r\n001,,,箱,24,16901234567899\r\n", on: shelf
        ).batch.id
        let card = try apply(id, .allOrNothing, on: shelf)
        #expect(card.batch.state == .applied && card.batch.newCodes == 2)
        #expect(try shelf.find("nfsq") == ["001"])
        #expect(try shelf.find("0012") == ["001"])
        let item = try #require(try shelf.read { try $0.itemID(codeKey: "001") })
        let added = try shelf.read { try itemCard(item, in: $0) }
        #expect(added.packaging(named: "箱")?.content == (try Ratio(24)))
        #expect(
            try shelf.events() == [
                "catalog.import_previewed \(id)", "catalog.item_added \(item)",
                "catalog.import_applied \(id)",
            ])
    }

    @Test func `bad rows stop all or are left out, as asked`() throws {
        let shelf = try Shelf()
        let id = try preview(heading + "001,水,瓶,,,\r\n002,,,,,\r\n", on: shelf).batch.id
        #expect(throws: ImportRefusal.badRows(bad: 1)) { try apply(id, .allOrNothing, on: shelf) }
        #expect(try shelf.count("catalog_item") == 0)
        #expect(try apply(id, .skipBad, on: shelf).batch.bad == 1)
        #expect(try shelf.count("catalog_item") == 1)
        #expect(throws: LifecycleRefusal.self) { try apply(id, .skipBad, on: shelf) }
        #expect(throws: ImportRefusal.unknown(file: "imp-99")) { try undo(ID(99), on: shelf) }
    }

    @Test func `what changed since the look counts`() throws {
        let shelf = try Shelf()
        let id = try preview(heading + "001,水,瓶,,,X1\r\n", on: shelf).batch.id
        let tea = try shelf.add("TEA", "茶")
        _ = try shelf.attachCode("X1", to: tea.base.id)
        #expect(throws: ImportRefusal.badRows(bad: 1)) { try apply(id, .allOrNothing, on: shelf) }
        #expect(throws: ImportRefusal.nothingToApply) { try apply(id, .skipBad, on: shelf) }
    }

    @Test func `an undone import leaves the tables as they were`() throws {
        let shelf = try Shelf()
        try shelf.addCase(of: try shelf.add("OLD", "旧货"), codes: ["OLD-1"])
        let before = try dump(shelf)
        var text = heading
        for number in 1...50 {
            text +=
                "N\(number),新货\(number),个,,,C\(number)\r\nN\(number),,,箱,\(number),K\(number)\r\n"
        }
        let id = try preview(text, on: shelf).batch.id
        _ = try apply(id, .allOrNothing, on: shelf)
        #expect(try shelf.count("catalog_item") == 51)
        #expect(try undo(id, on: shelf).batch.state == .undone)
        #expect(try dump(shelf) == before)
        #expect(try shelf.events().last == "catalog.import_undone \(id)")
        #expect(throws: LifecycleRefusal.self) { try undo(id, on: shelf) }
        // Ids of what was removed are not given again.
        #expect(try shelf.add("NEXT", "下一个").item.id.raw == 52)
    }

    @Test func `additions to an item are taken back, and its version moves on`() throws {
        let shelf = try Shelf()
        let card = try shelf.add("OLD", "旧货")
        let id = try preview(heading + "old,,,,,X1\r\nOLD,,,箱,12,X2\r\n", on: shelf).batch.id
        _ = try apply(id, .allOrNothing, on: shelf)
        let grown = try shelf.read { try itemCard(card.item.id, in: $0) }
        #expect(grown.codes.map(\.code.text) == ["X1", "X2"] && grown.item.edition == 2)
        #expect(try shelf.find("X2") == ["OLD"])
        _ = try undo(id, on: shelf)
        let back = try shelf.read { try itemCard(card.item.id, in: $0) }
        #expect(back.variants == card.variants && back.item.edition == 3)
        #expect(try shelf.find("X2").isEmpty)
    }

    @Test func `what is used stays, and is named`() throws {
        let shelf = try Shelf()
        let id = try preview(
            heading + "A,水,瓶,,,\r\nB,茶,瓶,,,\r\nC,酒,瓶,,,\r\n", on: shelf
        ).batch.id
        _ = try apply(id, .allOrNothing, on: shelf)
        let ids = try shelf.read { tx in
            try ["a", "b"].map { try #require(try tx.itemID(codeKey: $0)) }
        }
        try shelf.use(try shelf.read { try item(ids[0], in: $0) })
        let tea = try shelf.read { try itemCard(ids[1], in: $0) }
        _ = try shelf.attachCode("HAND", to: tea.base.id)
        #expect(throws: ImportRefusal.inUse(items: ["A", "B"])) { try undo(id, on: shelf) }
        #expect(try shelf.count("catalog_item") == 3)
    }

    @Test func `a packaging added to goods in use is retired, one that was used stays`() throws {
        let shelf = try Shelf()
        let card = try shelf.add("OLD", "旧货")
        try shelf.use(card.item)
        let first = try preview(heading + "OLD,,,箱,12,X2\r\n", on: shelf).batch.id
        _ = try apply(first, .allOrNothing, on: shelf)
        _ = try undo(first, on: shelf)
        let back = try shelf.read { try itemCard(card.item.id, in: $0) }
        #expect(back.packaging(named: "箱")?.state == .retired && back.codes.isEmpty)
        let second = try preview(heading + "OLD,,,箱,12,X2\r\n", on: shelf).batch.id
        let grown = try apply(second, .allOrNothing, on: shelf)
        #expect(grown.batch.newCodes == 1)
        let box = try #require(
            try shelf.read { try itemCard(card.item.id, in: $0) }.variants[0].packagings.last)
        try shelf.use(card.item, packaging: box.packaging.id)
        #expect(throws: ImportRefusal.inUse(items: ["OLD"])) { try undo(second, on: shelf) }
    }

    @Test func `a file that is put aside is forgotten`() throws {
        let shelf = try Shelf()
        let id = try preview(heading + "A,水,瓶,,,\r\nB,,,,,\r\n", on: shelf).batch.id
        let card = try shelf.write { try discardImport(id, by: clerk, in: $0) }
        #expect(card.batch.state == .discarded && card.sample.isEmpty && card.errors.isEmpty)
        #expect(try shelf.count("catalog_import_row") == 0)
        #expect(throws: LifecycleRefusal.self) { try apply(id, .skipBad, on: shelf) }
    }

    @Test func `37 bad rows of 10000 are exactly the 37 rows of the error file`() throws {
        let shelf = try Shelf()
        var lines = ["商品编码,商品名称,基本单位,条码,备注"]
        let bad = Set((0..<37).map { $0 * 270 + 3 })
        for number in 1...10_000 {
            let unit = bad.contains(number) ? "" : "瓶"
            lines.append("=N\(number),\"新,货\(number)\",\(unit),\(number)-X,+备注")
        }
        let id = try preview(lines.joined(separator: "\n"), on: shelf).batch.id
        for step in 0..<2 {
            let file = try shelf.read { try errorFile(of: id, in: $0) }
            #expect(file.starts(with: [0xEF, 0xBB, 0xBF]))
            let rows = try readCSV(try decodedText(file), rowsMax: 100)
            #expect(rows[0].cells == ["商品编码", "商品名称", "基本单位", "条码", "备注", "Error"])
            let expected = bad.sorted().map {
                ["'=N\($0)", "新,货\($0)", "", "\($0)-X", "'+备注", "base_unit: import.required"]
            }
            #expect(rows.dropFirst().map(\.cells) == expected)
            if step == 0 {
                let card = try apply(id, .skipBad, on: shelf)
                #expect(card.batch.good == 9_963 && card.batch.newItems == 9_963)
            }
        }
        #expect(try shelf.events().count == 9_963 + 2)
        #expect(try shelf.count("catalog_import_row") <= 37 + Int64(importSampleRows))
        // The mended file is taken as it is.
        let file = try shelf.read { try errorFile(of: id, in: $0) }
        let mended = String(decoding: file, as: UTF8.self)
            .split(separator: ",,", omittingEmptySubsequences: false).joined(separator: ",瓶,")
        let second = try preview(mended, on: shelf)
        #expect(second.batch.bad == 0 && second.batch.newItems == 37)
    }

    @Test func `a file that nobody applies for a month is put aside`() throws {
        let shelf = try Shelf()
        let old = try preview(heading + "001,水,瓶,,,X1\r\n", on: shelf).batch.id
        shelf.wait(days: previewDaysKept - 1)
        let young = try preview(heading + "002,茶,瓶,,,X2\r\n", on: shelf).batch.id
        let stale = { (tx: ReadTransaction) throws in
            try tx.stalePreviews(
                before: try tx.now.adding(seconds: -previewDaysKept * 86_400), limit: 10)
        }
        #expect(try shelf.read(stale) == [])
        shelf.wait(days: 2)
        #expect(try shelf.read(stale) == [old])
        _ = try shelf.write { try discardImport(old, by: clerk, in: $0) }
        #expect(try shelf.read(stale) == [])
        #expect(try shelf.read { try itemImport(young, in: $0).state } == .previewed)
    }
}
