// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
package import Kernel
import ModuleKit
package import SealedStore

/// Adds a packaging, with codes that are valid from today.
///
/// Refuses a second base packaging, a name that another active packaging of the variant has, a
/// content that is not above zero or not whole for whole pieces, and codes that are taken.
/// Tells `catalog.packaging_added`.
package func addPackaging(
    _ draft: PackagingDraft, codes: [String], to id: ID<Variant>, by caller: Caller,
    in tx: WriteTransaction
) throws -> ItemCard {
    let goods = try variantCard(id, in: tx)
    _ = try activeItem(goods.item.id, in: tx)
    try plan(draft, scale: goods.item.scale, beside: try tx.packagings(of: id))
    var keys: Set<String> = []
    let texts = try codes.map { try CodeText($0) }.filter { keys.insert($0.key).inserted }
    guard texts.count <= Limit.codesPerPackaging else {
        throw CatalogRefusal.codeTooMany(most: Limit.codesPerPackaging)
    }
    let packaging = try tx.insertPackaging(draft, of: id, by: nil)
    let today = try tx.today()
    for text in texts {
        try requireFree(text, from: today, to: nil, uses: try tx.uses(ofKey: text.key))
        _ = try tx.insertBarcode(text, of: packaging, from: today, to: nil, by: nil)
    }
    try tx.touchItem(goods.item.id)
    try tx.tell(
        CatalogEvent.packagingAdded, about: goods.item.id.description,
        [
            "packaging": .text(packaging.description), "variant": .text(id.description),
            "level": .text(draft.level.rawValue), "name": .text(draft.name),
            "content": .text(draft.content.description),
            "codes": .list(texts.map { .text($0.text) }),
        ], by: caller)
    return try indexed(goods.item.id, in: tx)
}

/// Takes a packaging out of use; its codes are free for another one at once. What was booked in it
/// keeps it. Refuses the base packaging. Tells `catalog.packaging_retired`.
package func retire(
    _ id: ID<Packaging>, by caller: Caller, in tx: WriteTransaction
) throws -> ItemCard {
    let packaging = try packaging(id, in: tx)
    guard packaging.level != .base else { throw CatalogRefusal.baseFixed }
    _ = try packagingLifecycle.after("retire", from: packaging.state)
    let item = try variantCard(packaging.variant, in: tx).item
    try tx.retirePackaging(id, on: try tx.today())
    try tx.touchItem(item.id)
    try tx.tell(
        CatalogEvent.packagingRetired, about: item.id.description,
        [
            "packaging": .text(id.description), "name": .text(packaging.name),
            "content": .text(packaging.content.description),
            "state": .list([
                .text(packaging.state.rawValue), .text(PackagingState.retired.rawValue),
            ]),
        ], by: caller)
    return try indexed(item.id, in: tx)
}

/// Gives a packaging one more code, valid from `from` (nil: today) to `to` (nil: no end known).
///
/// A code that the packaging has already in that time changes nothing. Refuses a code that means
/// another packaging on one of those days, a wrong check digit, and what is retired.
/// Tells `catalog.code_added`.
package func attach(
    code text: String, to id: ID<Packaging>, from: BusinessDay? = nil, until to: BusinessDay? = nil,
    by caller: Caller, in tx: WriteTransaction
) throws -> ItemCard {
    let code = try CodeText(text)
    let packaging = try packaging(id, in: tx)
    guard packaging.state == .active else {
        throw CatalogRefusal.packagingRetired(name: packaging.name)
    }
    let item = try activeItem(try variantCard(packaging.variant, in: tx).item.id, in: tx)
    let start = try from ?? tx.today()
    try planValidity(from: start, to: to)
    let uses = try tx.uses(ofKey: code.key)
    if uses.contains(where: { $0.owner.packaging == id && $0.covers(start, to) }) {
        return try itemCard(item.id, in: tx)
    }
    try requireFree(code, from: start, to: to, uses: uses)
    guard try tx.barcodeCount(of: id) < Limit.codesPerPackaging else {
        throw CatalogRefusal.codeTooMany(most: Limit.codesPerPackaging)
    }
    let barcode = try tx.insertBarcode(code, of: id, from: start, to: to, by: nil)
    try tx.touchItem(item.id)
    try tx.tell(
        CatalogEvent.codeAdded, about: item.id.description,
        [
            "id": .text(barcode.description), "code": .text(code.text),
            "packaging": .text(id.description), "validFrom": .day(start),
            "validTo": to.map { .day($0) } ?? .none,
        ], by: caller)
    return try indexed(item.id, in: tx)
}

/// Ends a code: `day` (nil: today) is the last on which it means its packaging.
///
/// A code that begins only after `day`, or that began today when no day is named, was a mistake and
/// is taken off, so that it can be put where it belongs at once. A validity only gets shorter:
/// refuses with `code.ended` otherwise. Tells `catalog.code_ended`.
package func end(
    _ id: ID<Barcode>, on day: BusinessDay?, by caller: Caller, in tx: WriteTransaction
) throws -> ItemCard {
    guard let barcode = try tx.barcode(id) else {
        throw CatalogRefusal.codeUnknown(code: id.description)
    }
    let today = try tx.today()
    let last = day ?? today
    if let validTo = barcode.validTo, validTo <= last {
        throw CatalogRefusal.codeEnded(code: barcode.code.text, validTo: validTo)
    }
    let isMistake = last < barcode.validFrom || (day == nil && barcode.validFrom == today)
    if isMistake {
        try tx.deleteBarcode(id)
    } else {
        try tx.endBarcode(id, on: last)
    }
    let packaging = try packaging(barcode.packaging, in: tx)
    let item = try variantCard(packaging.variant, in: tx).item
    try tx.touchItem(item.id)
    try tx.tell(
        CatalogEvent.codeEnded, about: item.id.description,
        [
            "id": .text(id.description), "code": .text(barcode.code.text),
            "packaging": .text(packaging.id.description),
            "validTo": .list([
                barcode.validTo.map { .day($0) } ?? .none, isMistake ? .none : .day(last),
            ]), "takenOff": .flag(isMistake),
        ], by: caller)
    return try indexed(item.id, in: tx)
}

extension CodeUse {
    /// Whether every day of the span lies in this use.
    fileprivate func covers(_ from: BusinessDay, _ to: BusinessDay?) -> Bool {
        guard validFrom <= from else { return false }
        guard let validTo else { return true }
        return to.map { $0 <= validTo } ?? false
    }
}
