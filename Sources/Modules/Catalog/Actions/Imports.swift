// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore

/// A file that was read and planned, before anything of it is kept.
struct PreparedImport: Sendable {
    let fileName: String
    let sheet: ImportSheet
    let plan: ImportPlan
}

/// An import with what its page shows.
struct ImportCard: Sendable {
    let batch: ItemImport
    let errors: [ImportError]
    let sample: [(row: Int64, cells: [(column: ImportColumn, text: String)])]
}

/// Errors and rows that the page of an import shows.
let importErrorsShown = 1000
let importSampleRows = 20

/// Reads a file and plans what it would add. Changes nothing.
func prepareImport(
    _ bytes: [UInt8], fileName: String, in store: SealedStore
) throws -> PreparedImport {
    let rows = try readCSV(try decodedText(bytes), rowsMax: Limit.importRows)
    let sheet = try importSheet(rows)
    let plan = try store.read { planImport(sheet, try importFacts(for: sheet, in: $0)) }
    return PreparedImport(fileName: fileName, sheet: sheet, plan: plan)
}

/// Keeps a file that was read, so that it can be looked at and applied. Tells
/// `catalog.import_previewed`.
func keepPreview(
    _ prepared: PreparedImport, by caller: Caller, in tx: WriteTransaction
) throws -> ImportCard {
    let plan = prepared.plan
    let rows = Int64(prepared.sheet.rows.count)
    let id = try tx.insertImport(
        fileName: prepared.fileName, heading: csvLine(prepared.sheet.heading), rows: rows,
        plan: plan, by: caller.actor.description)
    for row in prepared.sheet.rows {
        try tx.insertImportRow(row.row, line: csvLine(row.cells), of: id)
    }
    try tx.keepImportErrors(plan.errors, of: id)
    try tx.tell(
        CatalogEvent.importPreviewed, about: id.description,
        facts(plan, fileName: prepared.fileName, rows: rows), by: caller)
    return try importCard(id, in: tx)
}

/// How the names of an import are spoken, worked out before the transaction that needs it.
func pronunciation(for id: ID<ItemImport>, in store: SealedStore) throws -> Pronunciation {
    let sheet = try store.read { tx -> ImportSheet? in
        guard let batch = try tx.itemImport(id), batch.state == .previewed else { return nil }
        return try keptSheet(id, in: tx)
    }
    guard let sheet else { return Pronunciation() }
    var names: Set<String> = []
    for row in sheet.rows {
        guard let draft = rowDraft(row, in: sheet).0 else { continue }
        if let name = draft.itemName { names.insert(name) }
        for word in (draft.alias ?? "").split(whereSeparator: \.isWhitespace) {
            names.insert(String(word))
        }
    }
    return Pronunciation(of: names)
}

/// Adds what the good rows say, all in this transaction. The file is planned again, because the
/// catalogue may have changed since it was looked at.
///
/// Refuses bad rows unless they are to be skipped, and a file that adds nothing. Tells
/// `catalog.item_added` or `catalog.item_changed` for each item and `catalog.import_applied`.
func applyImport(
    _ id: ID<ItemImport>, mode: ImportMode, spokenBy pronunciation: Pronunciation,
    by caller: Caller, in tx: WriteTransaction
) throws -> ImportCard {
    let batch = try itemImport(id, in: tx)
    _ = try importLifecycle.after("apply", from: batch.state)
    let sheet = try keptSheet(id, in: tx)
    let plan = planImport(sheet, try importFacts(for: sheet, in: tx))
    let bad = plan.badRows.count
    guard bad == 0 || mode == .skipBad else { throw ImportRefusal.badRows(bad: Int64(bad)) }
    guard !plan.items.isEmpty else { throw ImportRefusal.nothingToApply }
    let today = try tx.today()
    let added = try plan.items.map { (item: $0, id: try add($0, by: id, on: today, in: tx)) }
    // All rows first: a statement that a trigger may refuse makes the search index write out what
    // it holds, and item by item that costs four times as much.
    for (item, itemID) in added {
        _ = try indexed(itemID, spokenBy: pronunciation, in: tx)
        try tx.tell(
            item.isNew ? CatalogEvent.itemAdded : CatalogEvent.itemChanged,
            about: itemID.description, facts(of: item, batch: id), by: caller)
    }
    try tx.keepImportErrors(plan.errors, of: id)
    try tx.noteApplied(id, plan)
    try tx.forgetGoodRows(of: id, keeping: importSampleRows)
    try tx.tell(
        CatalogEvent.importApplied, about: id.description,
        facts(plan, fileName: batch.fileName, rows: batch.rows), by: caller)
    return try importCard(id, in: tx)
}

/// Takes back what an import added, as if it had never been. Refuses when stock of it has moved or
/// something else was added to it since, and names those items. Tells `catalog.import_undone`.
func undoImport(
    _ id: ID<ItemImport>, by caller: Caller, in tx: WriteTransaction
) throws -> ImportCard {
    let batch = try itemImport(id, in: tx)
    let state = try importLifecycle.after("undo", from: batch.state)
    let inTheWay = try tx.itemsInTheWay(ofUndoing: id)
    guard inTheWay.isEmpty else {
        throw ImportRefusal.inUse(items: Array(inTheWay.prefix(importSampleRows)))
    }
    let extended = try tx.itemsExtended(by: id)
    try tx.removeBatch(id)
    for item in extended {
        try tx.touchItem(item)
        _ = try indexed(item, in: tx)
    }
    try tx.setState(of: id, to: state)
    try tx.tell(
        CatalogEvent.importUndone, about: id.description,
        [
            "fileName": .text(batch.fileName), "newItems": .integer(batch.newItems),
            "newCodes": .integer(batch.newCodes),
            "extended": .list(extended.map { .text($0.description) }),
        ], by: caller)
    return try importCard(id, in: tx)
}

/// Puts a file aside that is not to be applied; its rows are forgotten. Tells
/// `catalog.import_discarded`.
func discardImport(
    _ id: ID<ItemImport>, by caller: Caller, in tx: WriteTransaction
) throws -> ImportCard {
    let batch = try itemImport(id, in: tx)
    let state = try importLifecycle.after("discard", from: batch.state)
    try tx.forgetRows(of: id)
    try tx.setState(of: id, to: state)
    try tx.tell(
        CatalogEvent.importDiscarded, about: id.description,
        ["fileName": .text(batch.fileName), "rows": .integer(batch.rows)], by: caller)
    return try importCard(id, in: tx)
}

/// Refuses with `import.unknown`.
func itemImport(_ id: ID<ItemImport>, in tx: ReadTransaction) throws -> ItemImport {
    guard let batch = try tx.itemImport(id) else {
        throw ImportRefusal.unknown(file: id.description)
    }
    return batch
}

func importCard(_ id: ID<ItemImport>, in tx: ReadTransaction) throws -> ImportCard {
    let batch = try itemImport(id, in: tx)
    let heading = try keptHeading(id, in: tx)
    let sample = try tx.importRows(id, limit: importSampleRows).map { kept in
        let cells = try csvCells(kept.line)
        return (
            row: kept.row,
            cells: ImportColumn.allCases.compactMap { column in
                heading.places[column].map { place in
                    (column: column, text: place < cells.count ? cells[place] : "")
                }
            }
        )
    }
    return ImportCard(
        batch: batch, errors: try tx.importErrors(id, limit: importErrorsShown), sample: sample)
}

/// Exactly the rows that failed, as they came, with one more column that says why: a file to mend
/// and send again. UTF-8 with a byte order mark, by which spreadsheets know it.
func errorFile(of id: ID<ItemImport>, in tx: ReadTransaction) throws -> [UInt8] {
    _ = try itemImport(id, in: tx)
    let heading = try csvCells(try tx.importHeading(id) ?? "")
    var text = "\u{FEFF}" + csvLineForSpreadsheets(heading + ["Error"])
    var row: (line: String, number: Int64, errors: [String])?
    func write() throws {
        guard let row else { return }
        var cells = try csvCells(row.line)
        while cells.count < heading.count { cells.append("") }
        text += csvLineForSpreadsheets(cells + [row.errors.joined(separator: "; ")])
    }
    try tx.eachBadRow(of: id) { line, error in
        if row?.number != error.row {
            try write()
            row = (line, error.row, [])
        }
        row?.errors.append("\(error.column.rawValue): \(error.code)")
    }
    try write()
    return Array(text.utf8)
}

private func add(
    _ item: PlannedItem, by batch: ID<ItemImport>, on today: BusinessDay, in tx: WriteTransaction
) throws -> ID<Item> {
    let id = try item.known ?? tx.insertItem(item.draft, by: batch)
    for variant in item.variants {
        let variantID =
            try variant.known
            ?? tx.insertVariant(of: id, code: variant.code, name: variant.name, by: batch)
        for packaging in variant.packagings {
            let packagingID =
                try packaging.known
                ?? tx.insertPackaging(packaging.draft, of: variantID, by: batch)
            for code in packaging.codes {
                _ = try tx.insertBarcode(code, of: packagingID, from: today, to: nil, by: batch)
            }
        }
    }
    if !item.isNew { try tx.touchItem(id) }
    return id
}

private func importFacts(for sheet: ImportSheet, in tx: ReadTransaction) throws -> ImportFacts {
    let named = namedCodes(in: sheet)
    var facts = ImportFacts()
    for (key, id) in try tx.itemIDs(codeKeys: named.items.sorted()) {
        facts.items[key] = try itemCard(id, in: tx)
    }
    facts.codes = try tx.owners(ofKeys: named.codes.sorted(), from: try tx.today())
    return facts
}

/// The file as it was kept.
private func keptSheet(_ id: ID<ItemImport>, in tx: ReadTransaction) throws -> ImportSheet {
    let heading = try keptHeading(id, in: tx)
    let rows = try tx.importRows(id, limit: Limit.importRows).map {
        ImportRow(row: $0.row, cells: try csvCells($0.line))
    }
    return ImportSheet(heading: heading.heading, places: heading.places, rows: rows)
}

private func keptHeading(_ id: ID<ItemImport>, in tx: ReadTransaction) throws -> ImportSheet {
    let cells = try csvCells(try tx.importHeading(id) ?? "")
    // The heading was accepted when the file came; a row below it is only for form.
    return try importSheet([
        ImportRow(row: 1, cells: cells), ImportRow(row: 2, cells: [""]),
    ])
}

private func facts(_ plan: ImportPlan, fileName: String, rows: Int64) -> [String: Fact] {
    [
        "fileName": .text(fileName), "rows": .integer(rows),
        "bad": .integer(Int64(plan.badRows.count)), "newItems": .integer(plan.newItems),
        "newCodes": .integer(plan.newCodes),
    ]
}

private func facts(of item: PlannedItem, batch: ID<ItemImport>) -> [String: Fact] {
    var told = item.isNew ? facts(of: item.draft) : ["code": .text(item.draft.code)]
    told["import"] = .text(batch.description)
    told["variants"] = .list(
        item.variants.filter { $0.known == nil }.map { .text($0.code) })
    let packagings = item.variants.flatMap(\.packagings)
    told["packagings"] = .list(
        packagings.filter { $0.known == nil && $0.draft.level != .base }.map {
            .record([
                "level": .text($0.draft.level.rawValue), "name": .text($0.draft.name),
                "content": .text($0.draft.content.description),
            ])
        })
    told["codes"] = .list(packagings.flatMap(\.codes).map { .text($0.text) })
    return told
}
