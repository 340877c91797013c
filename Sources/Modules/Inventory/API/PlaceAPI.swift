// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Web

struct WarehouseView: WireRecord, Tagged {
    let id: ID<Warehouse>
    let code: String
    let name: String
    let state: Choice<PlaceState>
    let bins: Int64
    let etag: String

    init(_ warehouse: Warehouse) {
        id = warehouse.id
        code = warehouse.code
        name = warehouse.name
        state = Choice(warehouse.state)
        bins = warehouse.bins
        etag = editionTag(warehouse.edition)
    }
}

struct WarehouseRequest: WireRecord {
    let code: PlaceCode
    let name: Name
    let firstBin: PlaceCode?
}

struct WarehouseEdit: WireRecord {
    let name: Name?
    let state: Choice<PlaceState>?
}

struct WarehouseRef: Codable, Sendable {
    let id: ID<Warehouse>
    let code: String
    let name: String
}

struct PlaceView: WireRecord, Tagged {
    let id: ID<Place>
    let code: String
    let name: String
    let kind: Choice<PlaceKind>
    let warehouse: WarehouseRef?
    let parent: ID<Place>?
    let state: Choice<PlaceState>
    let etag: String

    init(_ place: Place, _ warehouse: Warehouse?) {
        id = place.id
        code = place.code
        name = place.name
        kind = Choice(place.kind)
        self.warehouse = warehouse.map {
            WarehouseRef(id: $0.id, code: $0.code, name: $0.name)
        }
        parent = place.parent
        state = Choice(place.state)
        etag = editionTag(place.edition)
    }
}

/// What a place can be on the wire: outside places are nobody's to add.
enum InsideKind: String, Sendable, CaseIterable {
    case zone, bin
}

struct PlaceRequest: WireRecord {
    let warehouse: ID<Warehouse>
    let parent: ID<Place>?
    let kind: Choice<InsideKind>
    let code: PlaceCode
    let name: Note?
}

struct PlaceEdit: WireRecord {
    let name: Note?
    let state: Choice<PlaceState>?
}

struct PlaceQuery: Codable, Sendable {
    let warehouse: ID<Warehouse>?
    let q: Name?
    let kind: Choice<InsideKind>?
    let limit: PageLimit?
    let after: Cursor?
}

struct ListQuery: Codable, Sendable {
    let limit: PageLimit?
    let after: Cursor?
}

/// The code on a place's label: letters, digits and `-._/`, so that every scanner prints and reads
/// it, beginning with a letter or a digit.
struct PlaceCode: WireText {
    static let rule = Schema.TextRule(
        least: 1, most: 40, pattern: "^[A-Za-z0-9][A-Za-z0-9._/-]*$")
    static let sample = PlaceCode(checked: "A-01")
    let text: String

    init(checked text: String) { self.text = text }

    init(_ text: String) throws(WireFault) {
        let isPlain = text.utf8.enumerated().allSatisfy { index, byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "/"):
                index > 0
            default: false
            }
        }
        guard !text.isEmpty else { throw WireFault("too_short") }
        guard text.utf8.count <= Self.rule.most else { throw WireFault("too_long") }
        guard isPlain else { throw WireFault("bad_character") }
        self.text = text
    }
}

let placeEndpoints: [Route] = [
    .look(
        "/api/v1/warehouses", needs: .permission(StockPermission.see),
        summary: "List the warehouses", query: ListQuery.self,
        answers: PageView<WarehouseView>.self
    ) { query, caller, tx in
        let request = PageRequest(query.limit, query.after)
        let after = try query.after?.integers(1)[0] ?? 0
        let rows = try tx.warehouses(
            within: caller.scope, after: after, limit: request.limit + 1)
        return PageView(
            Page(rows, limit: request.limit) { [.integer($0.id.raw)] }.map(WarehouseView.init))
    },
    .change(
        .post, "/api/v1/warehouses", needs: .permission(StockPermission.editPlaces),
        summary: "Add a warehouse, with a first bin if one is named",
        query: NoQuery.self,
        body: WarehouseRequest.self, answers: WarehouseView.self, status: 201,
        refusals: [StockRefusal.self],
        example: WarehouseRequest(
            code: PlaceCode(checked: "MAIN"), name: .sample,
            firstBin: PlaceCode(checked: "A-01"))
    ) { _, body, caller, tx in
        WarehouseView(
            try addWarehouse(
                code: body.code.text, name: body.name.text, firstBin: body.firstBin?.text,
                by: caller, in: tx))
    },
    .edit(
        "/api/v1/warehouses/{id}", needs: .permission(StockPermission.editPlaces),
        summary: "Rename, close or open a warehouse", query: ByID<Warehouse>.self,
        body: WarehouseEdit.self, answers: WarehouseView.self, refusals: [StockRefusal.self],
        example: WarehouseEdit(name: .sample, state: Choice(.open))
    ) { path, body, condition, caller, tx in
        WarehouseView(
            try edit(
                path.id, name: body.name?.text, state: body.state?.value, if: condition,
                by: caller, in: tx))
    },
    .look(
        "/api/v1/places", needs: .permission(StockPermission.see),
        summary: "List zones and bins by their codes", query: PlaceQuery.self,
        answers: PageView<PlaceView>.self
    ) { query, caller, tx in
        let request = PageRequest(query.limit, query.after)
        let filter = PlaceFilter(
            warehouse: query.warehouse,
            kind: query.kind.map { $0.value == .zone ? .zone : .bin }, text: query.q?.text)
        let rows = try tx.places(
            filter, within: caller.scope, after: try query.after?.singleText() ?? "",
            limit: request.limit + 1)
        let page = Page(rows, limit: request.limit) { [.text($0.code)] }
        return PageView(try page.map { try placeView($0, caller, tx) })
    },
    .change(
        .post, "/api/v1/places", needs: .permission(StockPermission.editPlaces),
        summary: "Add a zone or a bin",
        query: NoQuery.self, body: PlaceRequest.self, answers: PlaceView.self,
        status: 201, refusals: [StockRefusal.self],
        example: PlaceRequest(
            warehouse: ID(1), parent: nil, kind: Choice(.bin), code: .sample, name: nil)
    ) { _, body, caller, tx in
        let draft = PlaceDraft(
            warehouse: body.warehouse, parent: body.parent,
            kind: body.kind.value == .zone ? .zone : .bin, code: body.code.text,
            name: body.name?.text ?? "")
        return try placeView(try addPlace(draft, by: caller, in: tx), caller, tx)
    },
    .edit(
        "/api/v1/places/{id}", needs: .permission(StockPermission.editPlaces),
        summary: "Rename, close or open a place", query: ByID<Place>.self, body: PlaceEdit.self,
        answers: PlaceView.self, refusals: [StockRefusal.self],
        example: PlaceEdit(name: .sample, state: Choice(.open))
    ) { path, body, condition, caller, tx in
        let place = try edit(
            path.id, name: body.name?.text, state: body.state?.value, if: condition, by: caller,
            in: tx)
        return try placeView(place, caller, tx)
    },
]

private func placeView(
    _ place: Place, _ caller: Caller, _ tx: ReadTransaction
) throws -> PlaceView {
    PlaceView(place, try place.warehouse.flatMap { try tx.warehouse($0, within: caller.scope) })
}
