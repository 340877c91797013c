// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

private let packagingColumns =
    "p.id, p.variant_id, p.level, p.name, p.content_num, p.content_den, p.state"
private let barcodeColumns = "c.id, c.packaging_id, c.code, c.gtin, c.valid_from, c.valid_to"

let usesQuery = """
    SELECT c.packaging_id, i.code, c.valid_from, c.valid_to FROM catalog_code AS c
    JOIN catalog_packaging AS p ON p.id = c.packaging_id AND p.state = 'active'
    JOIN catalog_variant AS v ON v.id = p.variant_id
    JOIN catalog_item AS i ON i.id = v.item_id
    WHERE c.key = ? ORDER BY c.id
    """

let ownersQuery = """
    SELECT c.key, c.packaging_id, i.code FROM catalog_code AS c
    JOIN catalog_packaging AS p ON p.id = c.packaging_id AND p.state = 'active'
    JOIN catalog_variant AS v ON v.id = p.variant_id
    JOIN catalog_item AS i ON i.id = v.item_id
    WHERE c.key IN (SELECT value FROM json_each(?))
        AND coalesce(c.valid_to, '9999-12-31') >= ?
    """

let barcodesQuery = """
    SELECT \(barcodeColumns) FROM catalog_variant AS v
    JOIN catalog_packaging AS p ON p.variant_id = v.id
    JOIN catalog_code AS c ON c.packaging_id = p.id
    WHERE v.item_id = ? ORDER BY c.id
    """

/// On the way of every movement that is counted in packagings.
let packagingQuery = "SELECT \(packagingColumns) FROM catalog_packaging AS p WHERE p.id = ?"

private let packagingMemo = Memo<ID<Packaging>, Packaging>(
    of: "catalog_packaging", outlivesInserts: true)
private let usedPackagingMemo = Memo<ID<Packaging>, Bool>(
    of: "catalog_packaging", outlivesInserts: true)

extension ReadTransaction {
    func packaging(_ id: ID<Packaging>) throws -> Packaging? {
        try remembered(packagingMemo, id) {
            try first(packagingQuery, [id.raw]) { try Packaging(row: $0, at: 0) }
        }
    }

    func isUsed(_ id: ID<Packaging>) throws -> Bool {
        try remembered(usedPackagingMemo, id) {
            try integer("SELECT used FROM catalog_packaging WHERE id = ?", [id.raw]).map { $0 == 1 }
        } ?? false
    }

    func packagings(_ ids: [ID<Packaging>]) throws -> [Packaging] {
        try all(
            """
            SELECT \(packagingColumns) FROM catalog_packaging AS p
            WHERE p.id IN (SELECT value FROM json_each(?))
            """, [list(ids)]
        ) { try Packaging(row: $0, at: 0) }
    }

    func packagings(of variant: ID<Variant>) throws -> [Packaging] {
        try all(
            """
            SELECT \(packagingColumns) FROM catalog_packaging AS p
            WHERE p.variant_id = ? ORDER BY p.id
            """, [variant.raw]
        ) { try Packaging(row: $0, at: 0) }
    }

    func packagings(of item: ID<Item>) throws -> [Packaging] {
        try all(
            """
            SELECT \(packagingColumns) FROM catalog_variant AS v
            JOIN catalog_packaging AS p ON p.variant_id = v.id
            WHERE v.item_id = ? ORDER BY p.id
            """, [item.raw]
        ) { try Packaging(row: $0, at: 0) }
    }

    func basePackaging(of variant: ID<Variant>) throws -> Packaging? {
        try first(
            """
            SELECT \(packagingColumns) FROM catalog_packaging AS p
            WHERE p.variant_id = ? AND p.level = 'base'
            """, [variant.raw]
        ) { try Packaging(row: $0, at: 0) }
    }

    func barcode(_ id: ID<Barcode>) throws -> Barcode? {
        try first(
            "SELECT \(barcodeColumns) FROM catalog_code AS c WHERE c.id = ?", [id.raw],
            Barcode.init(row:))
    }

    func barcodes(of item: ID<Item>) throws -> [Barcode] {
        try all(
            barcodesQuery, [item.raw], Barcode.init(row:))
    }

    func barcodeCount(of packaging: ID<Packaging>) throws -> Int64 {
        try integer("SELECT count(*) FROM catalog_code WHERE packaging_id = ?", [packaging.raw])
            ?? 0
    }

    /// Where a key is used, on any day, by active packagings.
    func uses(ofKey key: String) throws -> [CodeUse] {
        try all(
            usesQuery, [key]
        ) {
            CodeUse(
                owner: CodeOwner(packaging: ID($0.int64(0)), itemCode: $0.text(1)),
                validFrom: try BusinessDay($0.text(2)),
                validTo: try $0.textOrNil(3).map { try BusinessDay($0) })
        }
    }

    /// The owners of all keys that are used on `day` or later, by key.
    func owners(ofKeys keys: [String], from day: BusinessDay) throws -> [String: CodeOwner] {
        let rows = try all(
            ownersQuery, [textList(keys), day.description]
        ) { ($0.text(0), CodeOwner(packaging: ID($0.int64(1)), itemCode: $0.text(2))) }
        return Dictionary(rows) { first, _ in first }
    }
}

extension WriteTransaction {
    func insertPackaging(
        _ draft: PackagingDraft, of variant: ID<Variant>, by batch: ID<ItemImport>?
    ) throws -> ID<Packaging> {
        ID(
            try insert(
                """
                INSERT INTO catalog_packaging (variant_id, level, name, name_key, content_num,
                    content_den, state, import_id)
                VALUES (?, ?, ?, ?, ?, ?, 'active', ?)
                """,
                [
                    variant.raw, draft.level.rawValue, draft.name, folded(draft.name),
                    draft.content.num, draft.content.den, batch?.raw,
                ]))
    }

    /// Retires a packaging. Its codes that are still valid end with `day`.
    func retirePackaging(_ id: ID<Packaging>, on day: BusinessDay) throws {
        try run("UPDATE catalog_packaging SET state = 'retired' WHERE id = ?", [id.raw])
        try run(
            """
            UPDATE catalog_code SET valid_to = max(valid_from, ?)
            WHERE packaging_id = ? AND coalesce(valid_to, '9999-12-31') > max(valid_from, ?)
            """, [day.description, id.raw, day.description])
    }

    func setUsed(_ id: ID<Packaging>) throws {
        try run(
            "UPDATE catalog_packaging SET used = 1 WHERE id = ?", [id.raw],
            touching: usedPackagingMemo, id)
    }

    func insertBarcode(
        _ code: CodeText, of packaging: ID<Packaging>, from: BusinessDay, to: BusinessDay?,
        by batch: ID<ItemImport>?
    ) throws -> ID<Barcode> {
        ID(
            try insert(
                """
                INSERT INTO catalog_code (packaging_id, code, key, gtin, valid_from, valid_to,
                    import_id)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    packaging.raw, code.text, code.key, code.gtin, from.description,
                    to?.description, batch?.raw,
                ]))
    }

    func endBarcode(_ id: ID<Barcode>, on day: BusinessDay) throws {
        try run("UPDATE catalog_code SET valid_to = ? WHERE id = ?", [day.description, id.raw])
    }

    func deleteBarcode(_ id: ID<Barcode>) throws {
        try run("DELETE FROM catalog_code WHERE id = ?", [id.raw])
    }
}

/// Texts as a JSON list, like `list` for ids.
func textList(_ texts: [String]) -> String {
    String(decoding: Fact.list(texts.map { .text($0) }).canonicalJSON, as: UTF8.self)
}

extension Packaging {
    init(row: Row, at start: Int) throws {
        self.init(
            id: ID(row.int64(start)), variant: ID(row.int64(start + 1)),
            level: try known(row.text(start + 2)), name: row.text(start + 3),
            content: try Ratio(row.int64(start + 4), row.int64(start + 5)),
            state: try known(row.text(start + 6)))
    }
}

extension Barcode {
    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), packaging: ID(row.int64(1)),
            code: CodeText(stored: row.text(2), gtin: row.textOrNil(3)),
            validFrom: try BusinessDay(row.text(4)),
            validTo: try row.textOrNil(5).map { try BusinessDay($0) })
    }
}
