// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
package import Kernel
import ModuleKit
package import SealedStore

/// The dimension of this room: rows of stock lie in a warehouse.
let warehouseDimension = RowDimension(.warehouse, prefix: Warehouse.prefix) { tx, id, limit in
    try tx.warehouses(within: .everything, after: id, limit: limit).map {
        RowDimension.Value(id: $0.id.raw, code: $0.code, name: $0.name)
    }
}

/// Adds a warehouse, and its first bin when one is named.
package func addWarehouse(
    code: String, name: String, firstBin: String?, by caller: Caller, in tx: WriteTransaction
) throws -> Warehouse {
    let id: ID<Warehouse>
    do {
        id = try tx.insertWarehouse(code: code, name: name)
    } catch StoreFault.constraint {
        throw StockRefusal.warehouseCodeTaken(code: code)
    }
    try tx.tell(
        StockEvent.warehouseAdded, about: id.description,
        ["code": .text(code), "name": .text(name), "warehouse": .text(id.description)],
        by: caller)
    if let firstBin {
        _ = try addPlace(
            PlaceDraft(warehouse: id, kind: .bin, code: firstBin, name: ""), by: caller, in: tx)
    }
    return try require(id, by: caller, in: tx)
}

/// Renames, closes or opens a warehouse. One that holds goods stays open.
func edit(
    _ id: ID<Warehouse>, name: String?, state: PlaceState?, if condition: EditCondition,
    by caller: Caller, in tx: WriteTransaction
) throws -> Warehouse {
    let old = try require(id, by: caller, in: tx)
    try condition.require(editionTag(old.edition))
    if state == .closed, try tx.warehouseHoldsGoods(id) { throw StockRefusal.warehouseNotEmpty }
    try tx.updateWarehouse(id, name: name ?? old.name, state: state ?? old.state)
    try tx.tell(
        StockEvent.warehouseChanged, about: id.description,
        [
            "name": .list([.text(old.name), .text(name ?? old.name)]),
            "state": .list([.text(old.state.rawValue), .text((state ?? old.state).rawValue)]),
            "warehouse": .text(id.description),
        ], by: caller)
    return try require(id, by: caller, in: tx)
}

/// A zone or bin to be.
package struct PlaceDraft: Sendable {
    package var warehouse: ID<Warehouse>
    package var parent: ID<Place>?
    package var kind: PlaceKind
    package var code: String
    package var name: String

    package init(
        warehouse: ID<Warehouse>, parent: ID<Place>? = nil, kind: PlaceKind, code: String,
        name: String
    ) {
        self.warehouse = warehouse
        self.parent = parent
        self.kind = kind
        self.code = code
        self.name = name
    }
}

/// Adds a zone or a bin. A bin may stand in a zone of its warehouse.
package func addPlace(
    _ draft: PlaceDraft, by caller: Caller, in tx: WriteTransaction
) throws -> Place {
    _ = try require(draft.warehouse, by: caller, in: tx)
    if let parent = draft.parent {
        guard let zone = try tx.place(parent, within: caller.scope), zone.kind == .zone,
            zone.warehouse == draft.warehouse, draft.kind == .bin
        else { throw StockRefusal.parentNotZone }
    }
    let id: ID<Place>
    do {
        id = try tx.insertPlace(
            warehouse: draft.warehouse, parent: draft.parent, kind: draft.kind, code: draft.code,
            name: draft.name)
    } catch StoreFault.constraint {
        throw StockRefusal.placeCodeTaken(code: draft.code)
    }
    try tx.tell(
        StockEvent.placeAdded, about: id.description,
        [
            "code": .text(draft.code), "kind": .text(draft.kind.rawValue),
            "warehouse": .text(draft.warehouse.description),
        ], by: caller)
    return try require(id, by: caller, in: tx)
}

/// Renames, closes or opens a place. One that holds goods stays open.
func edit(
    _ id: ID<Place>, name: String?, state: PlaceState?, if condition: EditCondition,
    by caller: Caller, in tx: WriteTransaction
) throws -> Place {
    let old = try require(id, by: caller, in: tx)
    try condition.require(editionTag(old.edition))
    if state == .closed, try tx.placeHoldsGoods(id) {
        throw StockRefusal.placeNotEmpty(code: old.code)
    }
    try tx.updatePlace(id, name: name ?? old.name, state: state ?? old.state)
    try tx.tell(
        StockEvent.placeChanged, about: id.description,
        [
            "code": .text(old.code), "name": .list([.text(old.name), .text(name ?? old.name)]),
            "warehouse": old.warehouse.map { .text($0.description) } ?? .none,
            "state": .list([.text(old.state.rawValue), .text((state ?? old.state).rawValue)]),
        ], by: caller)
    return try require(id, by: caller, in: tx)
}

/// The bin or zone that a label's code names; nil when the caller has none of that code in sight.
package func place(code: String, within scope: Scope, in tx: ReadTransaction) throws -> Place? {
    try tx.place(code: code, within: scope).flatMap { $0.isOutside ? nil : $0 }
}

private func require(
    _ id: ID<Warehouse>, by caller: Caller, in tx: ReadTransaction
) throws -> Warehouse {
    guard let warehouse = try tx.warehouse(id, within: caller.scope) else {
        throw StockRefusal.warehouseUnknown
    }
    return warehouse
}

private func require(_ id: ID<Place>, by caller: Caller, in tx: ReadTransaction) throws -> Place {
    guard let place = try tx.place(id, within: caller.scope), !place.isOutside else {
        throw StockRefusal.placeUnknown(code: id.description)
    }
    return place
}
