// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Catalog
package import Inventory
package import Kernel
import SealedStore

/// Goods of a story: what a test receives, ships and asks about.
package struct Goods: Sendable {
    package let item: ID<Item>
    package let variant: ID<Variant>
    package let each: ID<Packaging>
    package let caseOf: ID<Packaging>?
}

/// The words in which stories are told.
extension TestHouse {
    /// A warehouse with one bin of that code.
    @discardableResult
    package func bin(_ code: String, in warehouse: String = "MAIN") throws -> ID<Place> {
        try store.write { tx in
            let place = try tx.integer("SELECT id FROM stock_place WHERE code = ?", [code])
            if let place { return ID(place) }
            let known = try tx.integer(
                "SELECT id FROM stock_warehouse WHERE code = ?", [warehouse])
            let id: ID<Warehouse> =
                try known.map { ID($0) }
                ?? addWarehouse(
                    code: warehouse, name: warehouse, firstBin: nil, by: Self.root, in: tx
                ).id
            return try addPlace(
                PlaceDraft(warehouse: id, kind: .bin, code: code, name: ""), by: Self.root, in: tx
            ).id
        }
    }

    /// An item with a barcode for the piece and, when `caseOf` is given, a case with its own.
    @discardableResult
    package func goods(
        _ code: String, barcode: String? = nil, caseOf: Int64? = nil, caseBarcode: String? = nil,
        scale: Int = 0, tracking: Tracking = .none
    ) throws -> Goods {
        try store.write { tx in
            var card = try addItem(
                ItemDraft(
                    code: code, name: "Goods \(code)", baseUnit: scale == 0 ? "pcs" : "kg",
                    scale: scale, tracking: tracking), by: Self.root, in: tx)
            let variant = card.variants[0].variant.id
            let each = card.variants[0].packagings[0].packaging.id
            if let barcode {
                _ = try attach(code: barcode, to: each, by: Self.root, in: tx)
            }
            if let caseOf {
                card = try addPackaging(
                    PackagingDraft(level: .case, name: "case", content: try Ratio(caseOf)),
                    codes: caseBarcode.map { [$0] } ?? [], to: variant, by: Self.root, in: tx)
            }
            let box = card.variants[0].packagings.first { $0.packaging.level == .case }
            return Goods(
                item: card.item.id, variant: variant, each: each, caseOf: box?.packaging.id)
        }
    }

    @discardableResult
    package func receive(
        _ count: String, of goods: Goods, at place: ID<Place>, lot: String? = nil,
        expiry: BusinessDay? = nil, serial: String? = nil, packaging: ID<Packaging>? = nil
    ) throws -> Movement {
        try move(
            MovementDraft(
                kind: .receive, variant: goods.variant, packaging: packaging,
                count: try Quantity(decimal: count), place: place, lot: lot, expiry: expiry,
                serial: serial))
    }

    @discardableResult
    package func ship(
        _ count: String, of goods: Goods, from place: ID<Place>, lot: String? = nil,
        serial: String? = nil
    ) throws -> Movement {
        try move(
            MovementDraft(
                kind: .ship, variant: goods.variant, count: try Quantity(decimal: count),
                place: place, lot: lot, serial: serial))
    }

    @discardableResult
    package func move(_ draft: MovementDraft) throws -> Movement {
        try store.write { try Inventory.move(draft, by: Self.root, in: $0) }
    }

    /// What a bin holds, as a decimal text.
    package func level(of goods: Goods, at place: ID<Place>) throws -> String {
        try store.read { tx in
            try amount(of: try variantCard(goods.variant, in: tx), at: place, in: tx).decimal
        }
    }

    /// Kinds of the events that were told after `seq`, oldest first.
    package func told(after seq: Int64 = 0) throws -> [String] {
        try store.read { tx in
            try tx.all("SELECT kind FROM journal_event WHERE seq > ? ORDER BY seq", [seq]) {
                $0.text(0)
            }
        }
    }
}
