// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Web

struct ImportUploadQuery: Codable, Sendable {
    let fileName: Name?
}

struct ImportListQuery: Codable, Sendable {
    let limit: PageLimit?
    let after: Cursor?
}

struct ApplicationRequest: WireRecord, Described {
    let mode: Choice<ImportMode>

    static let notes = [
        "mode": "all_or_nothing applies nothing while there are bad rows, skip_bad leaves them out."
    ]
}

struct ImportErrorView: Codable, Sendable {
    let row: Int64
    let column: Choice<ImportColumn>
    let code: String
    let value: String

    init(_ error: ImportError) {
        row = error.row
        column = Choice(error.column)
        code = error.code
        value = error.value
    }
}

struct ImportSampleView: Codable, Sendable {
    let row: Int64
    let cells: [String: String]
}

/// A line of the list of imports.
struct ImportSummaryView: Codable, Sendable {
    let id: ID<ItemImport>
    let state: Choice<ImportState>
    let fileName: String
    let rows: Int64
    let good: Int64
    let bad: Int64
    let newItems: Int64
    let newCodes: Int64
    let createdAt: Instant
    let createdBy: String

    init(_ batch: ItemImport) {
        id = batch.id
        state = Choice(batch.state)
        fileName = batch.fileName
        rows = batch.rows
        good = batch.good
        bad = batch.bad
        newItems = batch.newItems
        newCodes = batch.newCodes
        createdAt = batch.createdAt
        createdBy = batch.createdBy
    }
}

struct ImportView: WireRecord {
    let id: ID<ItemImport>
    let state: Choice<ImportState>
    let fileName: String
    let rows: Int64
    let good: Int64
    let bad: Int64
    let newItems: Int64
    let newCodes: Int64
    let errors: [ImportErrorView]
    let sample: [ImportSampleView]
    let createdAt: Instant
    let createdBy: String

    init(_ card: ImportCard) {
        let batch = card.batch
        id = batch.id
        state = Choice(batch.state)
        fileName = batch.fileName
        rows = batch.rows
        good = batch.good
        bad = batch.bad
        newItems = batch.newItems
        newCodes = batch.newCodes
        errors = card.errors.map { ImportErrorView($0) }
        sample = card.sample.map { row in
            ImportSampleView(
                row: row.row,
                cells: Dictionary(
                    uniqueKeysWithValues: row.cells.map { ($0.column.rawValue, $0.text) }))
        }
        createdAt = batch.createdAt
        createdBy = batch.createdBy
    }
}

let importEndpoints: [Route] = [
    .change(
        .post, "/api/v1/item-imports", needs: .permission(CatalogPermission.importFiles),
        summary: "Look at a file of items without changing the catalogue",
        query: ImportUploadQuery.self, body: CSVBody.self, answers: ImportView.self, status: 201,
        refusals: [ImportRefusal.self], limit: Limit.bodyBytesImport,
        prepare: { query, body, _, _, store in
            try prepareImport(
                body.bytes, fileName: query.fileName?.text ?? "items.csv", in: store)
        },
        handle: { _, _, prepared, caller, tx in
            ImportView(try keepPreview(prepared, by: caller, in: tx))
        }),
    .look(
        "/api/v1/item-imports", needs: .permission(CatalogPermission.importFiles),
        summary: "Imports, the newest first", query: ImportListQuery.self,
        answers: PageView<ImportSummaryView>.self, refusals: [PageRefusal.self]
    ) { query, _, tx in
        let request = PageRequest(query.limit, query.after)
        let before = try request.after?.integers(1)[0] ?? Int64.max
        let rows = try tx.itemImports(before: before, limit: request.limit + 1)
        let page = Page(rows, limit: request.limit) { [.integer($0.id.raw)] }
        return PageView(page.map { ImportSummaryView($0) })
    },
    .look(
        "/api/v1/item-imports/{id}", needs: .permission(CatalogPermission.importFiles),
        summary: "An import with its first errors and rows", query: ByID<ItemImport>.self,
        answers: ImportView.self, refusals: [ImportRefusal.self]
    ) { query, _, tx in
        ImportView(try importCard(query.id, in: tx))
    },
    .look(
        "/api/v1/item-imports/{id}/errors.csv",
        needs: .permission(CatalogPermission.importFiles),
        summary: "The rows that failed, with the reason, to mend and send again",
        query: ByID<ItemImport>.self, answers: CSVDownload.self, refusals: [ImportRefusal.self]
    ) { query, _, tx in
        CSVDownload(
            bytes: try errorFile(of: query.id, in: tx), fileName: "\(query.id)-errors.csv")
    },
    .change(
        .post, "/api/v1/item-imports/{id}/application",
        needs: .permission(CatalogPermission.importFiles),
        summary: "Add what the file says to the catalogue", query: ByID<ItemImport>.self,
        body: ApplicationRequest.self, answers: ImportView.self,
        refusals: [ImportRefusal.self, LifecycleRefusal.self],
        example: ApplicationRequest(mode: Choice(.skipBad)),
        prepare: { query, _, _, _, store in try pronunciation(for: query.id, in: store) },
        handle: { query, body, pronunciation, caller, tx in
            ImportView(
                try applyImport(
                    query.id, mode: body.mode.value, spokenBy: pronunciation, by: caller, in: tx))
        }),
    .change(
        .post, "/api/v1/item-imports/{id}/undo",
        needs: .permission(CatalogPermission.importFiles),
        summary: "Take back what an import added, while it is unused",
        query: ByID<ItemImport>.self, body: Empty.self, answers: ImportView.self,
        refusals: [ImportRefusal.self, LifecycleRefusal.self], example: Empty()
    ) { query, _, caller, tx in
        ImportView(try undoImport(query.id, by: caller, in: tx))
    },
    .change(
        .post, "/api/v1/item-imports/{id}/discarding",
        needs: .permission(CatalogPermission.importFiles),
        summary: "Put a file aside without applying it", query: ByID<ItemImport>.self,
        body: Empty.self, answers: ImportView.self,
        refusals: [ImportRefusal.self, LifecycleRefusal.self], example: Empty()
    ) { query, _, caller, tx in
        ImportView(try discardImport(query.id, by: caller, in: tx))
    },
]
