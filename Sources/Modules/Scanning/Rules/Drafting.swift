// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Inventory
import Kernel

/// The movement that a scan means: what the code itself says wins over what was typed before.
///
/// Labels carry lots and serials whether or not this house counts by them; what is not tracked is
/// left aside. Typed by a person it is a mistake, which the warehouse refuses.
func draft(
    _ scan: Scan, _ reading: Reading, _ match: CodeMatch, from here: Place, to target: Place?
) throws -> MovementDraft {
    let times = try scan.count.map { try readCount($0) } ?? Quantity(pieces: 1)
    let counted = try amount(in: reading, match, times)
    let tracking = match.item.tracking
    return MovementDraft(
        kind: try movementKind(of: scan.task), variant: match.variant.id,
        packaging: counted.packaging, count: counted.count, place: here.id, toPlace: target?.id,
        lot: (tracking.lot ? reading.lot : nil) ?? scan.lot, expiry: reading.expiry ?? scan.expiry,
        serial: (tracking.serial ? reading.serial : nil) ?? scan.serial, deviceAt: scan.at)
}

/// How many of what: the multiplier of the scan times what the code says.
///
/// 37 counts the packaging that 02 names; 30 counts pieces and 310n weighs, both in base units;
/// otherwise it is the packaging that was scanned.
private func amount(
    in reading: Reading, _ match: CodeMatch, _ times: Quantity
) throws -> (count: Quantity, packaging: ID<Packaging>?) {
    if let count = reading.count {
        let total = try times.times(try Ratio(count), rounding: .exact)
        return (total, reading.contentGTIN == nil ? nil : match.packaging.id)
    }
    if let weight = reading.elementCandidate?.netWeight,
        weight.unit == match.item.baseUnit.lowercased()
    {
        var whole: Int64 = 1
        for _ in 0..<times.scale { whole *= 10 }
        return (
            try weight.quantity.times(try Ratio(times.units, whole), rounding: .exact), nil
        )
    }
    return (times, match.packaging.id)
}

/// The movement that a task books; a look-up and an undo book none of their own.
func movementKind(of task: ScanTask) throws(ScanRefusal) -> MovementKind {
    switch task {
    case .receive: .receive
    case .ship: .ship
    case .move: .move
    case .look, .undo: throw .taskMovesNothing
    }
}

/// A count as a device sends it.
func readCount(_ text: String) throws(ScanRefusal) -> Quantity {
    do {
        return try Quantity(decimal: text)
    } catch {
        throw .countMalformed
    }
}
