// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
package import Kernel
import ModuleKit
package import SealedStore

/// An item with its variants, packagings and codes. Refuses with `item.unknown`.
package func itemCard(_ id: ID<Item>, in tx: ReadTransaction) throws -> ItemCard {
    let item = try item(id, in: tx)
    let codes = Dictionary(grouping: try tx.barcodes(of: id), by: \.packaging)
    let packagings = Dictionary(grouping: try tx.packagings(of: id), by: \.variant)
    return ItemCard(
        item: item,
        variants: try tx.variants(of: id).map { variant in
            ItemCard.VariantPart(
                variant: variant,
                packagings: (packagings[variant.id] ?? []).map {
                    ItemCard.PackagingPart(packaging: $0, codes: codes[$0.id] ?? [])
                })
        })
}

/// Adds an item with one variant of the same code and its base packaging.
///
/// Refuses a code that another item has, and serial numbers on what is not counted in whole
/// pieces. Tells `catalog.item_added`.
package func addItem(
    _ draft: ItemDraft, by caller: Caller, in tx: WriteTransaction
) throws -> ItemCard {
    try requireCode(draft.code)
    try requireSound(draft)
    guard try tx.itemID(codeKey: folded(draft.code)) == nil else {
        throw CatalogRefusal.itemCodeTaken(code: draft.code)
    }
    let id = try tx.insertItem(draft, by: nil)
    _ = try insertVariant(
        of: id, code: draft.code, name: "", baseUnit: draft.baseUnit, by: nil, in: tx)
    try tx.tell(CatalogEvent.itemAdded, about: id.description, facts(of: draft), by: caller)
    return try indexed(id, in: tx)
}

/// Changes an item. Refuses other tracking once stock of it moved. An edit that changes nothing
/// tells nothing. Tells `catalog.item_changed` with old and new values.
func edit(
    _ id: ID<Item>, _ edit: ItemEdit, if condition: EditCondition, by caller: Caller,
    in tx: WriteTransaction
) throws -> ItemCard {
    let old = try item(id, in: tx)
    try condition.require(editionTag(old.edition))
    let tracking =
        try edit.tracking.map {
            try planTracking(of: old, used: try tx.isUsed(old.id), to: $0)
        } ?? old.tracking
    let name = edit.name ?? old.name
    let alias = edit.alias ?? old.alias
    let note = edit.note ?? old.note
    var facts: [String: Fact] = [:]
    func compare(_ key: String, _ before: Fact, _ after: Fact) {
        if before != after { facts[key] = .list([before, after]) }
    }
    compare("name", .text(old.name), .text(name))
    compare("alias", .text(old.alias), .text(alias))
    compare("note", .text(old.note), .text(note))
    compare("tracking", old.tracking.fact, tracking.fact)
    guard !facts.isEmpty else { return try itemCard(id, in: tx) }
    try tx.updateItem(id, name: name, alias: alias, note: note, tracking: tracking)
    try tx.touchItem(id)
    try tx.tell(CatalogEvent.itemChanged, about: id.description, facts, by: caller)
    return try indexed(id, in: tx)
}

/// Takes an item out of use: nothing of it comes in any more, what is left may leave.
/// Tells `catalog.item_retired`.
package func retire(
    _ id: ID<Item>, by caller: Caller, in tx: WriteTransaction
) throws -> ItemCard {
    try step(id, "retire", CatalogEvent.itemRetired, by: caller, in: tx)
}

/// Takes a retired item back into use. Tells `catalog.item_reinstated`.
package func reinstate(
    _ id: ID<Item>, by caller: Caller, in tx: WriteTransaction
) throws -> ItemCard {
    try step(id, "reinstate", CatalogEvent.itemReinstated, by: caller, in: tx)
}

private func step(
    _ id: ID<Item>, _ verb: String, _ event: EventKind, by caller: Caller,
    in tx: WriteTransaction
) throws -> ItemCard {
    let item = try item(id, in: tx)
    let state = try itemLifecycle.after(verb, from: item.state)
    try tx.setState(of: id, to: state)
    try tx.touchItem(id)
    try tx.tell(
        event, about: id.description,
        [
            "code": .text(item.code),
            "state": .list([.text(item.state.rawValue), .text(state.rawValue)]),
        ], by: caller)
    return try indexed(id, in: tx)
}

/// Adds a variant with its base packaging. Refuses a code that another variant of the item has,
/// and a retired item. Tells `catalog.variant_added`.
package func addVariant(
    to id: ID<Item>, code: String, name: String, by caller: Caller, in tx: WriteTransaction
) throws -> ItemCard {
    let item = try activeItem(id, in: tx)
    try requireCode(code)
    guard try tx.variantID(codeKey: folded(code), of: id) == nil else {
        throw CatalogRefusal.variantCodeTaken(code: code, item: item.code)
    }
    guard try tx.variants(of: id).count < Limit.variantsPerItem else {
        throw CatalogRefusal.variantTooMany(most: Limit.variantsPerItem)
    }
    let variant = try insertVariant(
        of: id, code: code, name: name, baseUnit: item.baseUnit, by: nil, in: tx)
    try tx.touchItem(id)
    try tx.tell(
        CatalogEvent.variantAdded, about: id.description,
        ["variant": .text(variant.description), "code": .text(code), "name": .text(name)],
        by: caller)
    return try indexed(id, in: tx)
}

/// Inserts a variant with the packaging that is one base unit.
func insertVariant(
    of item: ID<Item>, code: String, name: String, baseUnit: String, by batch: ID<ItemImport>?,
    in tx: WriteTransaction
) throws -> ID<Variant> {
    let variant = try tx.insertVariant(of: item, code: code, name: name, by: batch)
    _ = try tx.insertPackaging(
        PackagingDraft(level: .base, name: baseUnit, content: .one), of: variant, by: batch)
    return variant
}

/// An item to which something may be added.
func activeItem(_ id: ID<Item>, in tx: ReadTransaction) throws -> Item {
    let item = try item(id, in: tx)
    guard item.state == .active else { throw CatalogRefusal.itemRetired(item: item.code) }
    return item
}

/// Writes what the search finds an item by, and gives the item back as it is now.
func indexed(
    _ id: ID<Item>, spokenBy pronunciation: Pronunciation = Pronunciation(),
    in tx: WriteTransaction
) throws -> ItemCard {
    let card = try itemCard(id, in: tx)
    try tx.writeSearch(
        of: id, state: card.item.state, searchText(of: card.searchSource(pronunciation)))
    return card
}

/// How names are spoken. What was worked out before the transaction is looked up, so that the
/// writer does not wait for it.
struct Pronunciation: Sendable {
    private let known: [String: [SpokenPart]]

    init() { known = [:] }

    init(of names: Set<String>) {
        known = Dictionary(uniqueKeysWithValues: names.map { ($0, spoken($0)) })
    }

    func callAsFunction(_ name: String) -> [SpokenPart] { known[name] ?? spoken(name) }
}

extension ItemCard {
    fileprivate func searchSource(_ pronunciation: Pronunciation) -> SearchSource {
        SearchSource(
            names: [item.name] + variants.map(\.variant.name).filter { !$0.isEmpty },
            codes: [item.code]
                + variants.flatMap { part in
                    [part.variant.code] + part.packagings.flatMap { $0.codes.map(\.code.text) }
                },
            alias: item.alias, spokenName: pronunciation(item.name),
            spokenAliases: item.alias.split(whereSeparator: \.isWhitespace)
                .map { pronunciation(String($0)) })
    }
}

/// What the journal keeps of a new item.
func facts(of draft: ItemDraft) -> [String: Fact] {
    [
        "code": .text(draft.code), "name": .text(draft.name), "baseUnit": .text(draft.baseUnit),
        "scale": .integer(Int64(draft.scale)), "tracking": draft.tracking.fact,
    ]
}

extension Tracking {
    fileprivate var fact: Fact {
        .record(["lot": .flag(lot), "expiry": .flag(expiry), "serial": .flag(serial)])
    }
}
