// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

private let itemColumns = """
    i.id, i.code, i.name, i.base_unit, i.scale, i.track_lot, i.track_expiry, i.track_serial,
    i.alias, i.note, i.state, i.created_us, i.changed_us, i.edition
    """
private let itemWidth = 14
private let variantColumns = "v.id, v.item_id, v.code, v.name"
private let variantWidth = 4

/// What the scan path reads in one statement.
private let matchColumns =
    "\(itemColumns), \(variantColumns), p.id, p.variant_id, p.level, p.name, p.content_num, "
    + "p.content_den, p.state"

/// What a page of the list counts.
private let counts = """
    (SELECT count(*) FROM catalog_variant WHERE item_id = i.id),
    (SELECT count(*) FROM catalog_variant AS w JOIN catalog_packaging AS q
        ON q.variant_id = w.id AND q.state = 'active' WHERE w.item_id = i.id)
    """

// The queries of lists and of the scan path have names, so that tests can read their plans.

let matchesQuery = """
    SELECT \(matchColumns) FROM catalog_code AS c
    JOIN catalog_packaging AS p ON p.id = c.packaging_id AND p.state = 'active'
    JOIN catalog_variant AS v ON v.id = p.variant_id
    JOIN catalog_item AS i ON i.id = v.item_id
    WHERE c.key IN (?, ?) AND c.valid_from <= ?
        AND coalesce(c.valid_to, '9999-12-31') >= ?
    ORDER BY c.id
    """

let variantQuery = """
    SELECT \(itemColumns), \(variantColumns) FROM catalog_variant AS v
    JOIN catalog_item AS i ON i.id = v.item_id WHERE v.id = ?
    """

let variantsQuery = """
    SELECT \(itemColumns), \(variantColumns) FROM catalog_variant AS v
    JOIN catalog_item AS i ON i.id = v.item_id
    WHERE v.id IN (SELECT value FROM json_each(?))
    """

let listQuery = """
    SELECT \(itemColumns), \(counts) FROM catalog_item AS i
    WHERE i.code_key > ? ORDER BY i.code_key LIMIT ?
    """

let listByStateQuery = """
    SELECT \(itemColumns), \(counts) FROM catalog_item AS i
    WHERE i.state = ? AND i.code_key > ? ORDER BY i.code_key LIMIT ?
    """

let searchQuery = """
    SELECT \(itemColumns), \(counts) FROM catalog_search AS s
    JOIN catalog_item AS i ON i.id = s.rowid
    WHERE s.catalog_search MATCH ? AND s.rowid < ? ORDER BY s.rowid DESC LIMIT ?
    """

let searchIDsQuery = """
    SELECT rowid FROM catalog_search WHERE catalog_search MATCH ?
    ORDER BY rowid DESC LIMIT ?
    """

private struct MatchKey: Hashable, Sendable {
    let key: ExactText
    let plain: ExactText
    let day: BusinessDay
}

private let matchMemo = Memo<MatchKey, [CodeMatch]>(
    of: "catalog_code", "catalog_packaging", "catalog_variant", "catalog_item")
private let usedItemMemo = Memo<ID<Item>, Bool>(of: "catalog_item", outlivesInserts: true)
private let variantMemo = Memo<ID<Variant>, VariantCard>(of: "catalog_variant", "catalog_item")

extension ReadTransaction {
    func item(_ id: ID<Item>) throws -> Item? {
        try first(
            "SELECT \(itemColumns) FROM catalog_item AS i WHERE i.id = ?", [id.raw]
        ) { try Item(row: $0) }
    }

    /// Whether stock of an item has ever moved. Not a part of the item, so that what is remembered
    /// of all items stays when one is used for the first time.
    func isUsed(_ id: ID<Item>) throws -> Bool {
        try remembered(usedItemMemo, id) {
            try integer("SELECT used FROM catalog_item WHERE id = ?", [id.raw]).map { $0 == 1 }
        } ?? false
    }

    func itemID(codeKey: String) throws -> ID<Item>? {
        try integer("SELECT id FROM catalog_item WHERE code_key = ?", [codeKey]).map { ID($0) }
    }

    func items(_ ids: [ID<Item>]) throws -> [Item] {
        try all(
            """
            SELECT \(itemColumns) FROM catalog_item AS i
            WHERE i.id IN (SELECT value FROM json_each(?))
            """, [list(ids)]
        ) { try Item(row: $0) }
    }

    func variant(_ id: ID<Variant>) throws -> VariantCard? {
        try remembered(variantMemo, id) {
            try first(variantQuery, [id.raw], VariantCard.init(row:))
        }
    }

    func variants(_ ids: [ID<Variant>]) throws -> [VariantCard] {
        try all(
            variantsQuery, [list(ids)], VariantCard.init(row:))
    }

    func variants(of item: ID<Item>) throws -> [Variant] {
        try all(
            "SELECT \(variantColumns) FROM catalog_variant AS v WHERE v.item_id = ? ORDER BY v.id",
            [item.raw]
        ) { try Variant(row: $0, at: 0) }
    }

    func variantID(codeKey: String, of item: ID<Item>) throws -> ID<Variant>? {
        try integer(
            "SELECT id FROM catalog_variant WHERE item_id = ? AND code_key = ?",
            [item.raw, codeKey]
        ).map { ID($0) }
    }

    /// Everything that any of the keys means on a day; an item that is retired is found, too.
    func matches(keys: (String, String), on day: BusinessDay) throws -> [CodeMatch] {
        let (key, plain) = keys
        let question = MatchKey(key: ExactText(key), plain: ExactText(plain), day: day)
        // Codes that nobody knows are not remembered: they would push out those that are.
        return try remembered(matchMemo, question) {
            let date = day.description
            let found = try all(matchesQuery, [key, plain, date, date], CodeMatch.init(row:))
            return found.isEmpty ? nil : found
        } ?? []
    }

    /// Active or retired items in the order of their codes.
    func summaries(
        state: ItemState?, afterCodeKey key: String, limit: Int
    ) throws -> [ItemSummary] {
        guard let state else {
            return try all(
                listQuery, [key, limit], ItemSummary.init(row:))
        }
        return try all(
            listByStateQuery, [state.rawValue, key, limit], ItemSummary.init(row:))
    }

    /// Items that answer a question to the index, the newest first.
    func summaries(question: String, before id: Int64, limit: Int) throws -> [ItemSummary] {
        try all(
            searchQuery, [question, id, limit], ItemSummary.init(row:))
    }

    func itemIDs(question: String, limit: Int) throws -> [ID<Item>] {
        try all(
            searchIDsQuery, [question, limit]
        ) { ID($0.int64(0)) }
    }

    func itemCount() throws -> Int64 {
        try integer("SELECT count(*) FROM catalog_item WHERE state = 'active'") ?? 0
    }
}

extension WriteTransaction {
    func insertItem(_ draft: ItemDraft, by batch: ID<ItemImport>?) throws -> ID<Item> {
        ID(
            try insert(
                """
                INSERT INTO catalog_item (code, code_key, name, base_unit, scale, track_lot,
                    track_expiry, track_serial, alias, note, state, created_us, changed_us,
                    edition, import_id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'active', ?, ?, 1, ?)
                """,
                [
                    draft.code, folded(draft.code), draft.name, draft.baseUnit, draft.scale,
                    draft.tracking.lot, draft.tracking.expiry, draft.tracking.serial, draft.alias,
                    draft.note, now, now, batch?.raw,
                ]))
    }

    func updateItem(
        _ id: ID<Item>, name: String, alias: String, note: String, tracking: Tracking
    ) throws {
        try run(
            """
            UPDATE catalog_item SET name = ?, alias = ?, note = ?, track_lot = ?,
                track_expiry = ?, track_serial = ?
            WHERE id = ?
            """,
            [name, alias, note, tracking.lot, tracking.expiry, tracking.serial, id.raw])
    }

    func setState(of id: ID<Item>, to state: ItemState) throws {
        try run("UPDATE catalog_item SET state = ? WHERE id = ?", [state.rawValue, id.raw])
    }

    /// Counts a change of the item or of anything that belongs to it.
    func touchItem(_ id: ID<Item>) throws {
        try run(
            "UPDATE catalog_item SET edition = edition + 1, changed_us = ? WHERE id = ?",
            [now, id.raw])
    }

    func setUsed(_ id: ID<Item>) throws {
        try run(
            "UPDATE catalog_item SET used = 1 WHERE id = ?", [id.raw], touching: usedItemMemo, id)
    }

    func insertVariant(
        of item: ID<Item>, code: String, name: String, by batch: ID<ItemImport>?
    ) throws -> ID<Variant> {
        ID(
            try insert(
                """
                INSERT INTO catalog_variant (item_id, code, code_key, name, import_id)
                VALUES (?, ?, ?, ?, ?)
                """, [item.raw, code, folded(code), name, batch?.raw]))
    }

    func writeSearch(of id: ID<Item>, state: ItemState, _ text: SearchText) throws {
        try run("DELETE FROM catalog_search WHERE rowid = ?", [id.raw])
        try run(
            "INSERT INTO catalog_search (rowid, state, name, words) VALUES (?, ?, ?, ?)",
            [id.raw, state.rawValue, text.name, text.words])
    }
}

/// Ids as a JSON list, so that a look-up of many has one text however many they are.
func list<Noun>(_ ids: [ID<Noun>]) -> String {
    "[\(ids.map { String($0.raw) }.joined(separator: ","))]"
}

/// A stored word that no version of this program has written: damage, or a newer program.
struct StoredWordUnknown: Error {
    let word: String
}

/// The case of an enum that is stored as its raw value.
func known<E: RawRepresentable>(_ word: String) throws -> E where E.RawValue == String {
    guard let value = E(rawValue: word) else { throw StoredWordUnknown(word: word) }
    return value
}

extension Item {
    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), code: row.text(1), name: row.text(2), baseUnit: row.text(3),
            scale: row.int(4),
            tracking: Tracking(lot: row.bool(5), expiry: row.bool(6), serial: row.bool(7)),
            alias: row.text(8), note: row.text(9), state: try known(row.text(10)),
            createdAt: row.instant(11), changedAt: row.instant(12), edition: row.int64(13))
    }
}

extension Variant {
    fileprivate init(row: Row, at start: Int) throws {
        self.init(
            id: ID(row.int64(start)), item: ID(row.int64(start + 1)), code: row.text(start + 2),
            name: row.text(start + 3))
    }
}

extension VariantCard {
    fileprivate init(row: Row) throws {
        self.init(item: try Item(row: row), variant: try Variant(row: row, at: itemWidth))
    }
}

extension CodeMatch {
    fileprivate init(row: Row) throws {
        self.init(
            item: try Item(row: row), variant: try Variant(row: row, at: itemWidth),
            packaging: try Packaging(row: row, at: itemWidth + variantWidth))
    }
}

extension ItemSummary {
    fileprivate init(row: Row) throws {
        self.init(
            item: try Item(row: row), variants: row.int64(itemWidth),
            packagings: row.int64(itemWidth + 1))
    }
}
