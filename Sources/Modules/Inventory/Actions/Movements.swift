// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Catalog
import Journal
package import Kernel
import Ledger
import ModuleKit
package import SealedStore

/// Books a movement of goods: the one way in which stock changes.
///
/// Refused when a place is closed or out of sight, when tracking asks for a lot, expiry or serial
/// that is missing, and when a bin would fall below zero. Tells `stock.moved`.
package func move(
    _ draft: MovementDraft, by caller: Caller, in tx: WriteTransaction
) throws -> Movement {
    let goods = try variantCard(draft.variant, in: tx)
    let place = try visible(draft.place, by: caller, in: tx)
    let toPlace = try draft.toPlace.map { try visible($0, by: caller, in: tx) }
    let quantity = try baseQuantity(of: draft.count, in: draft.packaging, of: goods, tx)
    let plan = try plan(
        draft,
        MovementFacts(
            itemCode: goods.item.code, itemActive: goods.item.state == .active,
            tracking: goods.item.tracking, place: place, toPlace: toPlace,
            closed: try closed([place, toPlace].compactMap { $0 }, in: tx), quantity: quantity))
    if draft.kind == .adjust { try requireWithinLimit(quantity, at: place, by: caller) }
    let lot = try lot(of: draft, goods, in: tx)
    if let serial = draft.serial, plan.sourceOutside {
        try requireNotOnHand(serial, draft.variant, within: caller.scope, in: tx)
    }
    let unit = try stockUnit(goods, lot: lot, serial: draft.serial, in: tx)
    try markUsed(goods.item, packaging: draft.packaging, in: tx)
    return try book(
        plan, unit: unit,
        Entry(
            kind: draft.kind, item: goods.item, variant: draft.variant, lot: lot?.id,
            serial: draft.serial, packaging: draft.packaging, count: draft.count.decimal,
            reason: draft.reason?.rawValue, note: draft.note, deviceAt: draft.deviceAt,
            reverses: nil, warehouse: place.warehouse, visited: toPlace?.warehouse,
            placeCode: place.code),
        by: caller, in: tx)
}

/// Takes a movement back by booking its opposite, linked to it.
package func reverse(
    _ id: ID<Movement>, note: String, by caller: Caller, in tx: WriteTransaction
) throws -> Movement {
    guard let movement = try tx.movement(id, within: caller.scope) else {
        throw StockRefusal.movementUnknown
    }
    let places = try tx.places([movement.from, movement.to])
    let inside = try [movement.from, movement.to].compactMap { places[$0] }.filter {
        !$0.isOutside
    }.map { try visible($0.id, by: caller, in: tx) }
    let plan = try planReversal(of: movement) { places[$0]?.isOutside ?? false }
    for place in inside { try requireWithinLimit(plan.quantity, at: place, by: caller) }
    if let shut = try closed(inside.filter { $0.id == plan.target }, in: tx).first {
        throw StockRefusal.placeClosed(code: places[shut]?.code ?? "")
    }
    if let serial = movement.serial, plan.sourceOutside {
        try requireNotOnHand(serial, movement.variant, within: caller.scope, in: tx)
    }
    let goods = try variantCard(movement.variant, in: tx)
    let unit = try stockUnit(
        goods, lot: try movement.lot.flatMap { try tx.lots([$0])[$0] }, serial: movement.serial,
        in: tx)
    return try book(
        plan, unit: unit,
        Entry(
            kind: movement.kind, item: goods.item, variant: movement.variant, lot: movement.lot,
            serial: movement.serial, packaging: movement.packaging, count: movement.count,
            reason: "reversal", note: note, deviceAt: nil, reverses: id,
            warehouse: inside.first?.warehouse, visited: inside.last?.warehouse,
            placeCode: places[plan.source]?.code ?? ""),
        by: caller, in: tx)
}

/// Entries of the journal that are looked through at a time for a caller's last movement.
private let entriesAtOnce = 20
/// Rounds of that at most: what lies a thousand movements back is taken back by its number.
private let entryRounds = 50

/// The newest movement of a caller that can still be taken back. The journal knows who did what,
/// so the movements need no index of their own for it.
package func lastMovement(of caller: Caller, in tx: ReadTransaction) throws -> Movement? {
    let filter = JournalFilter(actor: caller.actor.description)
    var before: Int64?
    for _ in 0..<entryRounds {
        let entries = try tx.journal(
            filter, kinds: [StockEvent.moved], before: before, limit: entriesAtOnce)
        for entry in entries {
            if let id = ID<Movement>(text: entry.subject),
                let movement = try tx.reversibleMovement(seq: entry.seq, id)
            {
                return movement
            }
        }
        guard let last = entries.last, entries.count == entriesAtOnce else { return nil }
        before = last.seq
    }
    return nil
}

/// How many movements were ever booked.
package func movementCount(in tx: ReadTransaction) throws -> Int64 { try tx.movementCount() }

/// What a bin holds of a variant, all lots together.
package func amount(
    of goods: VariantCard, at place: ID<Place>, in tx: ReadTransaction
) throws -> Quantity {
    try Quantity(
        units: try tx.amount(of: goods.variant.id, at: place), scale: goods.item.scale)
}

/// What is booked besides the sides and the amount.
private struct Entry {
    let kind: MovementKind
    let item: Item
    let variant: ID<Variant>
    let lot: ID<Lot>?
    let serial: String?
    let packaging: ID<Packaging>?
    let count: String
    let reason: String?
    let note: String
    let deviceAt: Instant?
    let reverses: ID<Movement>?
    /// Where it is counted.
    let warehouse: ID<Warehouse>?
    /// The other side's warehouse; nil for the outside.
    let visited: ID<Warehouse>?
    let placeCode: String
}

private func book(
    _ plan: MovementPlan, unit: ID<StockUnit>, _ entry: Entry, by caller: Caller,
    in tx: WriteTransaction
) throws -> Movement {
    let movement: Movement
    do {
        movement = try goods.post(
            plan.quantity.units, of: unit.raw, from: plan.source.raw, to: plan.target.raw, in: tx
        ) { number in
            let movement = try tell(ID(number), plan, unit, entry, by: caller, in: tx)
            return (movement, movement.details(scale: entry.item.scale))
        }
    } catch LedgerRefusal.insufficient(let wanted, let available) {
        throw StockRefusal.insufficient(
            item: entry.item.code,
            wanted: try Quantity(units: wanted, scale: entry.item.scale),
            available: try Quantity(units: available, scale: entry.item.scale),
            place: entry.placeCode)
    } catch LedgerRefusal.amountTooLarge(let most) {
        throw StockRefusal.quantityTooLarge(
            most: try Quantity(units: most, scale: entry.item.scale))
    }
    if let warehouse = entry.warehouse {
        // What takes a movement back is a correction, and no second receipt or shipment.
        try tx.countMovement(
            movement.id, as: entry.reverses == nil ? entry.kind : .adjust, of: warehouse,
            on: try tx.today())
        if let visited = entry.visited, visited != warehouse {
            try tx.noteVisit(movement.id, to: visited, on: try tx.today())
        }
    }
    return movement
}

/// Tells of the movement that is being booked. Its row names the entry of the journal.
private func tell(
    _ id: ID<Movement>, _ plan: MovementPlan, _ unit: ID<StockUnit>, _ entry: Entry,
    by caller: Caller, in tx: WriteTransaction
) throws -> Movement {
    let seq = try tx.tell(
        StockEvent.moved, about: id.description, facts(plan, unit, entry), by: caller)
    return Movement(
        id: id, at: tx.now, kind: entry.kind, item: entry.item.id, variant: entry.variant,
        lot: entry.lot, serial: entry.serial, quantity: plan.quantity,
        packaging: entry.packaging, count: entry.count, from: plan.source, to: plan.target,
        reason: entry.reason, note: entry.note, actor: caller.actor.description,
        actorName: caller.name, device: caller.deviceNumber, deviceAt: entry.deviceAt,
        reverses: entry.reverses, reversedBy: nil, seq: seq)
}

private func facts(
    _ plan: MovementPlan, _ unit: ID<StockUnit>, _ entry: Entry
) -> [String: Fact] {
    var facts: [String: Fact] = [
        "kind": .text(entry.kind.rawValue), "item": .text(entry.item.id.description),
        "variant": .text(entry.variant.description), "unit": .text(unit.description),
        "quantity": .quantity(plan.quantity), "from": .text(plan.source.description),
        "to": .text(plan.target.description),
        "warehouse": .list(
            Set([entry.warehouse, entry.visited].compactMap { $0 }).sorted().map {
                .text($0.description)
            }),
    ]
    if let lot = entry.lot { facts["lot"] = .text(lot.description) }
    if let serial = entry.serial { facts["serial"] = .text(serial) }
    if let reason = entry.reason { facts["reason"] = .text(reason) }
    if !entry.note.isEmpty { facts["note"] = .text(entry.note) }
    if let reverses = entry.reverses { facts["reverses"] = .text(reverses.description) }
    return facts
}

/// A place that the caller may use; one out of its sight is as unknown as one that is not there.
private func visible(
    _ id: ID<Place>, by caller: Caller, in tx: ReadTransaction
) throws -> Place {
    guard let place = try tx.place(id, within: caller.scope), !place.isOutside else {
        throw StockRefusal.placeUnknown(code: id.description)
    }
    return place
}

/// Throws when a correction is larger than the caller may make alone. The limit counts whole base
/// units, whatever decimals the item has.
private func requireWithinLimit(
    _ quantity: Quantity, at place: Place, by caller: Caller
) throws(StockRefusal) {
    let row = place.warehouse.map { [Dimension.warehouse: $0.raw] } ?? [:]
    guard let most = caller.most(StockLimit.adjustment, at: row) else { return }
    var units: Int64 = most
    for _ in 0..<quantity.scale {
        let (product, isTooLarge) = units.multipliedReportingOverflow(by: 10)
        // A limit beyond all numbers limits nothing.
        if isTooLarge { return }
        units = product
    }
    guard quantity.units <= units else { throw .adjustmentTooLarge(most: most) }
}

/// Those of the places that are closed, or stand in a zone or warehouse that is.
private func closed(_ places: [Place], in tx: ReadTransaction) throws -> Set<ID<Place>> {
    Set(try places.map(\.id).filter { try !tx.isOpen($0) })
}

/// The lot of the draft, made on its first receipt.
private func lot(
    of draft: MovementDraft, _ goods: VariantCard, in tx: WriteTransaction
) throws -> Lot? {
    guard let code = draft.lot else { return nil }
    let known = try tx.lot(code, of: draft.variant)
    let bringsIn = draft.kind == .receive || draft.change == .increase
    guard known != nil || bringsIn else { throw StockRefusal.lotUnknown(lot: code) }
    let expiry = try planExpiry(
        of: known, code: code, given: draft.expiry, tracked: goods.item.tracking.expiry,
        item: goods.item.code)
    if let known { return known }
    let id = try tx.insertLot(code, of: draft.variant, expiry: expiry)
    return Lot(
        id: id, variant: draft.variant, code: code, expiry: expiry, createdAt: tx.now)
}

private func stockUnit(
    _ goods: VariantCard, lot: Lot?, serial: String?, in tx: WriteTransaction
) throws -> ID<StockUnit> {
    if let known = try tx.stockUnit(of: goods.variant.id, lot: lot?.id, serial: serial) {
        return known
    }
    return try tx.insertStockUnit(
        item: goods.item.id, variant: goods.variant.id, lot: lot?.id, serial: serial)
}

/// A serial is one thing: it cannot come in again while it is here. Where it is, only those are
/// told who may see the place.
private func requireNotOnHand(
    _ serial: String, _ variant: ID<Variant>, within scope: Scope, in tx: ReadTransaction
) throws {
    guard let bin = try tx.bin(ofSerial: serial, variant: variant) else { return }
    guard let place = try tx.place(bin, within: scope) else {
        throw StockRefusal.serialElsewhere(serial: serial)
    }
    throw StockRefusal.serialOnHand(serial: serial, place: place.code)
}

extension Caller {
    /// The number of the device, when a device calls.
    fileprivate var deviceNumber: Int64? {
        if case .device(let number) = actor { return number }
        return nil
    }
}
