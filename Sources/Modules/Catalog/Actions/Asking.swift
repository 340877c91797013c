// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import SealedStore

/// What a code means on a day: every active packaging that carries it, each once.
///
/// On the way of every scan: one statement, by index. Retired items are found too; whether their
/// goods may still move is the warehouse's decision.
/// - Parameters:
///   - text: the code as it was read.
///   - gtin: the GTIN that a reader found in it, as 14 digits; nil looks for the text, which may
///     itself be a GTIN.
package func resolve(
    code text: String, gtin: String?, on day: BusinessDay, in tx: ReadTransaction
) throws -> [CodeMatch] {
    let plain = folded(trimmed(text))
    let key = gtin ?? gtin14(plain) ?? plain
    return try tx.matches(keys: (key, plain), on: day)
}

/// Refuses with `item.unknown`.
package func item(_ id: ID<Item>, in tx: ReadTransaction) throws -> Item {
    guard let item = try tx.item(id) else {
        throw CatalogRefusal.itemUnknown(item: id.description)
    }
    return item
}

/// A variant with its item. Refuses with `variant.unknown`.
package func variantCard(_ id: ID<Variant>, in tx: ReadTransaction) throws -> VariantCard {
    guard let card = try tx.variant(id) else {
        throw CatalogRefusal.variantUnknown(variant: id.description)
    }
    return card
}

/// A packaging, active or retired. Refuses with `packaging.unknown`.
package func packaging(_ id: ID<Packaging>, in tx: ReadTransaction) throws -> Packaging {
    guard let packaging = try tx.packaging(id) else {
        throw CatalogRefusal.packagingUnknown(packaging: id.description)
    }
    return packaging
}

/// The packaging that is one base unit; every variant has it.
package func basePackaging(of goods: VariantCard, in tx: ReadTransaction) throws -> Packaging {
    guard let packaging = try tx.basePackaging(of: goods.variant.id) else {
        throw CatalogRefusal.packagingUnknown(packaging: goods.variant.id.description)
    }
    return packaging
}

/// Items by id for a page of a list, in one statement; ids that nobody has are left out.
package func items(_ ids: [ID<Item>], in tx: ReadTransaction) throws -> [ID<Item>: Item] {
    keyed(try tx.items(ids), by: \.id)
}

/// Variants with their items for a page of a list, in one statement.
package func variantCards(
    _ ids: [ID<Variant>], in tx: ReadTransaction
) throws -> [ID<Variant>: VariantCard] {
    keyed(try tx.variants(ids), by: \.variant.id)
}

/// Packagings for a page of a list, in one statement.
package func packagings(
    _ ids: [ID<Packaging>], in tx: ReadTransaction
) throws -> [ID<Packaging>: Packaging] {
    keyed(try tx.packagings(ids), by: \.id)
}

/// How many base units `count` of a packaging are, exactly; nil counts base units.
///
/// Refuses a packaging of other goods, and a count that comes to a fraction of the smallest unit.
/// A retired packaging still counts, so that old stock can leave as it came.
package func baseQuantity(
    of count: Quantity, in id: ID<Packaging>?, of goods: VariantCard, _ tx: ReadTransaction
) throws -> Quantity {
    guard let id else {
        return try baseQuantity(of: count, content: .one, scale: goods.item.scale)
    }
    let packaging = try packaging(id, in: tx)
    guard packaging.variant == goods.variant.id else {
        throw CatalogRefusal.packagingForeign(
            packaging: id.description, item: goods.item.code)
    }
    return try baseQuantity(
        of: count, content: packaging.content, scale: goods.item.scale)
}

/// Ids of at most `limit` items that a search text finds, the newest first; empty when the text
/// holds nothing searchable. For lists of other rooms that are narrowed by goods.
package func itemsMatching(
    _ text: String, limit: Int, in tx: ReadTransaction
) throws -> [ID<Item>] {
    guard let question = searchQuestion(for: text, state: nil) else { return [] }
    return try tx.itemIDs(question: question, limit: limit)
}

/// How many items are active.
package func itemCount(in tx: ReadTransaction) throws -> Int64 { try tx.itemCount() }

/// Notes that stock of an item moved, and in which packaging: from then on its tracking is fixed
/// and no import that made it can be undone. Costs nothing when that is known already.
package func markUsed(
    _ item: Item, packaging: ID<Packaging>? = nil, in tx: WriteTransaction
) throws {
    if try !tx.isUsed(item.id) { try tx.setUsed(item.id) }
    if let packaging, try !tx.isUsed(packaging) { try tx.setUsed(packaging) }
}

private func keyed<Value, Key: Hashable>(
    _ values: [Value], by key: KeyPath<Value, Key>
) -> [Key: Value] {
    Dictionary(values.map { ($0[keyPath: key], $0) }) { first, _ in first }
}
