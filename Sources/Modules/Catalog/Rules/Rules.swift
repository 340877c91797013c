// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// The longest word for a base unit: it stands behind every quantity on every screen.
let unitLengthMax = 20

/// The largest numbers in a content: a pallet of a million pieces is a typing error.
let contentNumMax: Int64 = 1_000_000_000
let contentDenMax: Int64 = 1_000_000

/// Decides whether an item may be as drafted.
func requireSound(_ draft: ItemDraft) throws(CatalogRefusal) {
    guard (0...Quantity.scaleMax).contains(draft.scale) else {
        throw .scaleInvalid(scale: draft.scale)
    }
    try requireSound(draft.tracking, scale: draft.scale)
}

/// A serial number belongs to one whole thing.
func requireSound(_ tracking: Tracking, scale: Int) throws(CatalogRefusal) {
    guard !tracking.serial || scale == 0 else { throw .serialNeedsWhole(scale: scale) }
}

/// Decides about new tracking for an item: once stock has moved, what is known of the pieces in
/// the house can no longer be made to fit.
package func planTracking(
    of item: Item, used: Bool, to tracking: Tracking
) throws(CatalogRefusal) -> Tracking {
    guard tracking != item.tracking else { return tracking }
    guard !used else { throw .trackingFixed(item: item.code) }
    try requireSound(tracking, scale: item.scale)
    return tracking
}

/// Decides whether a packaging may stand beside those that a variant has.
func plan(
    _ draft: PackagingDraft, scale: Int, beside others: [Packaging]
) throws(CatalogRefusal) {
    guard draft.level != .base else { throw .baseFixed }
    try requireSound(draft.content, scale: scale)
    let active = others.filter { $0.state == .active }
    guard !active.contains(where: { folded($0.name) == folded(draft.name) }) else {
        throw .packagingNameTaken(name: draft.name)
    }
    guard active.count < Limit.packagingsPerVariant else {
        throw .packagingTooMany(most: Limit.packagingsPerVariant)
    }
}

/// A content is above zero, and whole when the item is counted in whole pieces.
func requireSound(_ content: Ratio, scale: Int) throws(CatalogRefusal) {
    guard content.num > 0, content.num <= contentNumMax, content.den <= contentDenMax else {
        throw .contentInvalid(content: content)
    }
    guard scale > 0 || content.den == 1 else { throw .contentNotWhole(content: content) }
}

/// How many base units `count` packagings of `content` are, exactly.
///
/// Refuses a count that comes to a fraction of the item's smallest unit, and one that no stock
/// can hold; nothing is ever rounded.
package func baseQuantity(
    of count: Quantity, content: Ratio, scale: Int
) throws(CatalogRefusal) -> Quantity {
    // In 128 bits: 2^63 × 10^9 × 10^6 stays below 2^127.
    let units = Int128(count.units) * Int128(content.num) * power(scale)
    let divisor = Int128(content.den) * power(count.scale)
    guard units % divisor == 0 else {
        throw .countNotWhole(count: count, content: content, scale: scale)
    }
    guard let narrow = Int64(exactly: units / divisor),
        let quantity = try? Quantity(units: narrow, scale: scale)
    else { throw .countTooLarge(count: count) }
    return quantity
}

/// Decides until when a code is valid.
func planValidity(from: BusinessDay, to: BusinessDay?) throws(CatalogRefusal) {
    if let to, to < from { throw .validityInvalid(from: from, to: to) }
}

/// Whether two spans of days share a day; nil has no end.
func overlap(
    _ a: (from: BusinessDay, to: BusinessDay?), _ b: (from: BusinessDay, to: BusinessDay?)
) -> Bool {
    let aStartsInTime = b.to.map { a.from <= $0 } ?? true
    let bStartsInTime = a.to.map { b.from <= $0 } ?? true
    return aStartsInTime && bStartsInTime
}

/// Another use of a code, on an active packaging.
struct CodeUse: Sendable, Equatable {
    let owner: CodeOwner
    let validFrom: BusinessDay
    let validTo: BusinessDay?
}

/// Decides whether a code may mean a packaging in a span of days: on no day may it mean two.
func requireFree(
    _ code: CodeText, from: BusinessDay, to: BusinessDay?, uses: [CodeUse]
) throws(CatalogRefusal) {
    for use in uses where overlap((from, to), (use.validFrom, use.validTo)) {
        throw .codeTaken(code: code.text, item: use.owner.itemCode)
    }
}

private func power(_ exponent: Int) -> Int128 {
    var value: Int128 = 1
    for _ in 0..<exponent { value *= 10 }
    return value
}

/// The code of an item or variant is typed and printed: it has no control characters, and
/// something is left of it when it is compared.
func requireCode(_ code: String) throws(CatalogRefusal) {
    guard !trimmed(code).isEmpty, code.unicodeScalars.count <= Limit.codeLength,
        !code.unicodeScalars.contains(where: isControl)
    else { throw .codeUnreadable(code: String(code.prefix(Limit.codeLength))) }
}
