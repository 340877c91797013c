// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

private let importColumns =
    "id, state, file_name, rows, bad, new_items, new_codes, created_us, created_by"

let undoObstaclesQuery = """
    SELECT i.code FROM catalog_item AS i WHERE i.import_id = ?1 AND i.used = 1
    UNION SELECT i.code FROM catalog_packaging AS p
        JOIN catalog_variant AS v ON v.id = p.variant_id
        JOIN catalog_item AS i ON i.id = v.item_id
        WHERE p.import_id = ?1 AND p.used = 1
    UNION SELECT i.code FROM catalog_variant AS v
        JOIN catalog_item AS i ON i.id = v.item_id
        WHERE v.import_id = ?1 AND i.used = 1
    UNION SELECT i.code FROM catalog_item AS i
        JOIN catalog_variant AS v ON v.item_id = i.id
        WHERE i.import_id = ?1 AND v.import_id IS NOT ?1
    UNION SELECT i.code FROM catalog_variant AS v
        JOIN catalog_packaging AS p ON p.variant_id = v.id
        JOIN catalog_item AS i ON i.id = v.item_id
        WHERE v.import_id = ?1 AND p.import_id IS NOT ?1
    UNION SELECT i.code FROM catalog_packaging AS p
        JOIN catalog_code AS c ON c.packaging_id = p.id
        JOIN catalog_variant AS v ON v.id = p.variant_id
        JOIN catalog_item AS i ON i.id = v.item_id
        WHERE p.import_id = ?1 AND c.import_id IS NOT ?1
    ORDER BY 1
    """

let itemsExtendedQuery = """
    SELECT i.id FROM catalog_variant AS v JOIN catalog_item AS i ON i.id = v.item_id
        WHERE v.import_id = ?1 AND i.import_id IS NOT ?1
    UNION SELECT i.id FROM catalog_packaging AS p
        JOIN catalog_variant AS v ON v.id = p.variant_id
        JOIN catalog_item AS i ON i.id = v.item_id
        WHERE p.import_id = ?1 AND i.import_id IS NOT ?1
    UNION SELECT i.id FROM catalog_code AS c
        JOIN catalog_packaging AS p ON p.id = c.packaging_id
        JOIN catalog_variant AS v ON v.id = p.variant_id
        JOIN catalog_item AS i ON i.id = v.item_id
        WHERE c.import_id = ?1 AND i.import_id IS NOT ?1
    ORDER BY 1
    """

let itemsByCodeQuery = """
    SELECT code_key, id FROM catalog_item
    WHERE code_key IN (SELECT value FROM json_each(?))
    """

extension ReadTransaction {
    func itemImport(_ id: ID<ItemImport>) throws -> ItemImport? {
        try first(
            "SELECT \(importColumns) FROM catalog_import WHERE id = ?", [id.raw],
            ItemImport.init(row:))
    }

    /// The newest first.
    func itemImports(before id: Int64, limit: Int) throws -> [ItemImport] {
        try all(
            """
            SELECT \(importColumns) FROM catalog_import WHERE id < ? ORDER BY id DESC LIMIT ?
            """, [id, limit], ItemImport.init(row:))
    }

    /// Imports that were looked at before `instant` and neither applied nor put aside.
    func stalePreviews(before instant: Instant, limit: Int) throws -> [ID<ItemImport>] {
        try all(
            """
            SELECT id FROM catalog_import WHERE state = 'previewed' AND created_us < ?
            ORDER BY id LIMIT ?
            """, [instant, limit]
        ) { ID($0.int64(0)) }
    }

    /// The heading line as it is kept.
    func importHeading(_ id: ID<ItemImport>) throws -> String? {
        try text("SELECT heading FROM catalog_import WHERE id = ?", [id.raw])
    }

    /// Kept rows in their order, with their cells as one line of CSV.
    func importRows(
        _ id: ID<ItemImport>, limit: Int
    ) throws -> [(row: Int64, line: String)] {
        try all(
            """
            SELECT row, cells FROM catalog_import_row WHERE import_id = ? ORDER BY row LIMIT ?
            """, [id.raw, limit]
        ) { ($0.int64(0), $0.text(1)) }
    }

    /// Rows with at least one error, each with all its errors.
    func eachBadRow(
        of id: ID<ItemImport>, _ body: (_ line: String, _ error: ImportError) throws -> Void
    ) throws {
        try each(
            """
            SELECT r.cells, e.row, e.field, e.code, e.value FROM catalog_import_error AS e
            JOIN catalog_import_row AS r ON r.import_id = e.import_id AND r.row = e.row
            WHERE e.import_id = ? ORDER BY e.row, e.number
            """, [id.raw]
        ) { try body($0.text(0), try ImportError(row: $0, at: 1)) }
    }

    func importErrors(_ id: ID<ItemImport>, limit: Int) throws -> [ImportError] {
        try all(
            """
            SELECT row, field, code, value FROM catalog_import_error
            WHERE import_id = ? ORDER BY row, number LIMIT ?
            """, [id.raw, limit]
        ) { try ImportError(row: $0, at: 0) }
    }

    func itemIDs(codeKeys: [String]) throws -> [(key: String, id: ID<Item>)] {
        try all(
            itemsByCodeQuery, [textList(codeKeys)]
        ) { ($0.text(0), ID($0.int64(1))) }
    }

    /// Codes of items because of which a batch cannot be taken back: stock of what it made has
    /// moved, or something that it did not make hangs on what it made.
    func itemsInTheWay(ofUndoing id: ID<ItemImport>) throws -> [String] {
        try all(
            undoObstaclesQuery, [id.raw]
        ) { $0.text(0) }
    }

    /// Items that were there before a batch and to which it added something.
    func itemsExtended(by id: ID<ItemImport>) throws -> [ID<Item>] {
        try all(
            itemsExtendedQuery, [id.raw]
        ) { ID($0.int64(0)) }
    }
}

extension WriteTransaction {
    func insertImport(
        fileName: String, heading: String, rows: Int64, plan: ImportPlan, by actor: String
    ) throws -> ID<ItemImport> {
        ID(
            try insert(
                """
                INSERT INTO catalog_import (state, file_name, heading, rows, bad, new_items,
                    new_codes, created_us, created_by)
                VALUES ('previewed', ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    fileName, heading, rows, plan.badRows.count, plan.newItems, plan.newCodes,
                    now, actor,
                ]))
    }

    func insertImportRow(_ row: Int64, line: String, of id: ID<ItemImport>) throws {
        try run(
            "INSERT INTO catalog_import_row (import_id, row, cells) VALUES (?, ?, ?)",
            [id.raw, row, line])
    }

    /// Keeps the errors of a plan in place of those kept before.
    func keepImportErrors(_ errors: [ImportError], of id: ID<ItemImport>) throws {
        try run("DELETE FROM catalog_import_error WHERE import_id = ?", [id.raw])
        for (index, error) in errors.enumerated() {
            try run(
                """
                INSERT INTO catalog_import_error (import_id, row, number, field, code, value)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    id.raw, error.row, index + 1, error.column.rawValue, error.code,
                    error.value,
                ])
        }
    }

    func noteApplied(_ id: ID<ItemImport>, _ plan: ImportPlan) throws {
        try run(
            """
            UPDATE catalog_import SET state = 'applied', bad = ?, new_items = ?, new_codes = ?
            WHERE id = ?
            """, [plan.badRows.count, plan.newItems, plan.newCodes, id.raw])
    }

    func setState(of id: ID<ItemImport>, to state: ImportState) throws {
        try run("UPDATE catalog_import SET state = ? WHERE id = ?", [state.rawValue, id.raw])
    }

    /// Forgets good rows behind the first `kept`: their content is in the catalogue.
    func forgetGoodRows(of id: ID<ItemImport>, keeping kept: Int) throws {
        try run(
            """
            DELETE FROM catalog_import_row WHERE import_id = ?1
                AND row > coalesce((SELECT max(row) FROM (SELECT row FROM catalog_import_row
                    WHERE import_id = ?1 ORDER BY row LIMIT ?2)), 0)
                AND NOT EXISTS (SELECT 1 FROM catalog_import_error AS e
                    WHERE e.import_id = ?1 AND e.row = catalog_import_row.row)
            """, [id.raw, kept])
    }

    func forgetRows(of id: ID<ItemImport>) throws {
        try run("DELETE FROM catalog_import_error WHERE import_id = ?", [id.raw])
        try run("DELETE FROM catalog_import_row WHERE import_id = ?", [id.raw])
    }

    /// Removes what a batch made. A packaging that it added to an item of which stock has moved is
    /// retired instead, so that nothing that was booked points at nothing.
    func removeBatch(_ id: ID<ItemImport>) throws {
        try run("DELETE FROM catalog_code WHERE import_id = ?", [id.raw])
        try run(
            """
            UPDATE catalog_packaging SET state = 'retired' WHERE import_id = ? AND state = 'active'
                AND (SELECT i.used FROM catalog_variant AS v JOIN catalog_item AS i
                    ON i.id = v.item_id WHERE v.id = variant_id) = 1
            """, [id.raw])
        try run(
            """
            DELETE FROM catalog_packaging WHERE import_id = ?
                AND (SELECT i.used FROM catalog_variant AS v JOIN catalog_item AS i
                    ON i.id = v.item_id WHERE v.id = variant_id) = 0
            """, [id.raw])
        try run("DELETE FROM catalog_variant WHERE import_id = ?", [id.raw])
        try run(
            """
            DELETE FROM catalog_search
            WHERE rowid IN (SELECT id FROM catalog_item WHERE import_id = ?)
            """, [id.raw])
        try run("DELETE FROM catalog_item WHERE import_id = ?", [id.raw])
    }
}

extension ItemImport {
    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), state: try known(row.text(1)), fileName: row.text(2),
            rows: row.int64(3), good: row.int64(3) - row.int64(4), bad: row.int64(4),
            newItems: row.int64(5), newCodes: row.int64(6), createdAt: row.instant(7),
            createdBy: row.text(8))
    }
}

extension ImportError {
    fileprivate init(row: Row, at start: Int) throws {
        self.init(
            row: row.int64(start), column: try known(row.text(start + 1)),
            code: row.text(start + 2), value: row.text(start + 3))
    }
}
