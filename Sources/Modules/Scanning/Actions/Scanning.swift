// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Inventory
import Journal
package import Kernel
import ModuleKit
package import SealedStore

/// Carries one scan out. The wrapper has already made sure that the same event comes here once.
///
/// Refusals of the readers and of the warehouse pass through; a code that nobody knows is parked,
/// never refused, because the goods have moved whatever the catalogue says.
package func carryOut(
    _ scan: Scan, by caller: Caller, in tx: WriteTransaction
) throws -> ScanOutcome {
    if scan.task == .undo { return try undo(by: caller, in: tx) }
    let outcome = try carryOut(known: scan, by: caller, in: tx)
    // A look-up moved nothing, so there is nothing to keep for the office.
    guard case .unknown = outcome, scan.task != .look else { return outcome }
    return .parked(try park(scan, by: caller, in: tx))
}

/// Carries a scan out as far as its code is known; never parks.
func carryOut(
    known scan: Scan, by caller: Caller, in tx: WriteTransaction
) throws -> ScanOutcome {
    let today = try tx.today()
    let reading = try reading(of: scan.code, on: today, in: tx)
    if let command = reading.command { return .command(command) }
    if let label = reading.placeCode {
        guard let place = try place(code: label, within: caller.scope, in: tx) else {
            throw ScanRefusal.placeUnknown(code: label)
        }
        return .place(place, try balances(at: place.id, by: caller, in: tx))
    }
    let matches = try matches(for: reading, on: today, in: tx)
    guard let match = try choose(scan.packaging, among: matches) else {
        return matches.isEmpty ? .unknown : .ambiguous(matches)
    }
    if scan.task == .look {
        return .found(match, try balances(of: match.variant.id, by: caller, in: tx))
    }
    return try moveGoods(scan, reading, match, by: caller, in: tx)
}

private struct ReadingKey: Hashable, Sendable {
    let code: ExactText
    let day: BusinessDay
}

/// The same goods are scanned again and again, and a code reads the same all day.
private let readingMemo = Memo<ReadingKey, Reading>()

private func reading(
    of code: String, on day: BusinessDay, in tx: ReadTransaction
) throws -> Reading {
    let key = ReadingKey(code: ExactText(code), day: day)
    return try tx.remembered(readingMemo, key, always: { try read(code, today: day) })
}

/// What a code means, without doing anything.
func look(
    up code: String, by caller: Caller, in tx: ReadTransaction
) throws -> (reading: Reading, matches: [CodeMatch], place: Place?) {
    let today = try tx.today()
    let reading = try read(code, today: today)
    let place = try reading.placeCode.flatMap {
        try Inventory.place(code: $0, within: caller.scope, in: tx)
    }
    return (reading, try matches(for: reading, on: today, in: tx), place)
}

/// Every packaging that any interpretation of the code names today, each once.
private func matches(
    for reading: Reading, on today: BusinessDay, in tx: ReadTransaction
) throws -> [CodeMatch] {
    var seen: Set<Int64> = []
    var found: [CodeMatch] = []
    // The content of a pallet is what its label moves, as many times as the label says.
    let content = reading.contentGTIN.map { CodeLookup(text: $0.digits, gtin: $0.digits) }
    for candidate in reading.lookups + (content.map { [$0] } ?? []) {
        for match in try resolve(code: candidate.text, gtin: candidate.gtin, on: today, in: tx)
        where seen.insert(match.packaging.id.raw).inserted {
            found.append(match)
        }
    }
    return found
}

/// The only match, or the one that the person chose; nil when there is none or a choice is left.
private func choose(
    _ choice: ID<Packaging>?, among matches: [CodeMatch]
) throws(ScanRefusal) -> CodeMatch? {
    guard let choice else { return matches.count == 1 ? matches[0] : nil }
    guard let chosen = matches.first(where: { $0.packaging.id == choice }) else {
        throw .choiceNotOffered
    }
    return chosen
}

private func moveGoods(
    _ scan: Scan, _ reading: Reading, _ match: CodeMatch, by caller: Caller,
    in tx: WriteTransaction
) throws -> ScanOutcome {
    let here = try bin(scan.place, missing: .placeRequired, by: caller, in: tx)
    let target: Place? =
        scan.task == .move
        ? try bin(scan.toPlace, missing: .targetRequired, by: caller, in: tx) : nil
    let draft = try draft(scan, reading, match, from: here, to: target)
    let movement = try move(draft, by: caller, in: tx)
    let balance = try amount(
        of: VariantCard(item: match.item, variant: match.variant), at: (target ?? here).id,
        in: tx)
    return .moved(movement, match, balance: balance)
}

private func bin(
    _ code: String?, missing: ScanRefusal, by caller: Caller, in tx: ReadTransaction
) throws -> Place {
    guard let code else { throw missing }
    guard let place = try place(code: code, within: caller.scope, in: tx) else {
        throw ScanRefusal.placeUnknown(code: code)
    }
    return place
}

private func undo(by caller: Caller, in tx: WriteTransaction) throws -> ScanOutcome {
    guard let last = try lastMovement(of: caller, in: tx) else { throw ScanRefusal.nothingToUndo }
    let reversal = try reverse(last.id, note: "", by: caller, in: tx)
    let goods = try variantCard(last.variant, in: tx)
    let packaging =
        try last.packaging.map { try Catalog.packaging($0, in: tx) }
        ?? basePackaging(of: goods, in: tx)
    return .undone(
        reversal, CodeMatch(item: goods.item, variant: goods.variant, packaging: packaging))
}

private func park(
    _ scan: Scan, by caller: Caller, in tx: WriteTransaction
) throws -> ID<ParkedScan> {
    if let known = try tx.parkedScan(event: scan.event, by: caller.actor.description) {
        return known
    }
    let warehouse = try scan.place.flatMap { code -> ID<Warehouse>? in
        try place(code: code, within: caller.scope, in: tx)?.warehouse
    }
    let id = try tx.park(scan, in: warehouse, by: caller)
    let home: Fact = warehouse.map { .text($0.description) } ?? .none
    try tx.tell(
        ScanEvent.parked, about: id.description,
        [
            "code": .text(scan.code), "task": .text(scan.task.rawValue), "warehouse": home,
        ], by: caller)
    return id
}
