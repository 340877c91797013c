// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Inventory
import Journal
import Kernel
import ModuleKit
import SealedStore

/// Says what a parked code is: the packaging gets the code, and every open scan of it is carried
/// out as it was meant, oldest first. A scan that is refused now stays open with its reason.
func attach(
    _ id: ID<ParkedScan>, to packaging: ID<Packaging>, by caller: Caller,
    in tx: WriteTransaction
) throws -> ParkedScan {
    let parked = try require(id, by: caller, in: tx)
    _ = try parkedLifecycle.after("replay", from: parked.state)
    let code = try read(parked.code, today: try tx.today()).attachable
    _ = try Catalog.attach(code: code, to: packaging, by: caller, in: tx)
    return try replay(id, by: caller, in: tx)
}

/// Carries out every open scan of the same code, now that the code is known, oldest first. One that
/// is refused now stays open with its reason.
func replay(
    _ id: ID<ParkedScan>, by caller: Caller, in tx: WriteTransaction
) throws -> ParkedScan {
    let parked = try require(id, by: caller, in: tx)
    _ = try parkedLifecycle.after("replay", from: parked.state)
    for scan in try tx.openScans(of: parked.code, within: caller.scope) {
        // What one scan is refused for must not hold up the others, nor take the code away again.
        if let refusal = try tx.attempt({ try replay(scan, by: caller, in: tx) }) {
            if case ScanRefusal.parkedStillUnknown = refusal { throw refusal }
            try tx.noteReason(refusal.code, of: scan.id)
            try tx.tell(
                ScanEvent.refused, about: scan.id.description,
                facts(scan, ["reason": .text(refusal.code)]), by: caller)
        }
    }
    return try require(id, by: caller, in: tx)
}

private func replay(
    _ parked: ParkedScan, by caller: Caller, in tx: WriteTransaction
) throws {
    let scan = Scan(
        event: parked.event, task: parked.task, code: parked.code, place: parked.place,
        toPlace: parked.toPlace, count: parked.count, lot: parked.lot, expiry: parked.expiry,
        serial: parked.serial, at: parked.at)
    switch try carryOut(known: scan, by: caller, in: tx) {
    case .moved(let movement, _, _):
        try close(parked, movement: movement.id, by: caller, in: tx)
    case .found, .place:
        try close(parked, movement: nil, by: caller, in: tx)
    case .ambiguous, .unknown, .parked, .undone, .command:
        throw ScanRefusal.parkedStillUnknown(code: parked.code)
    }
}

private func close(
    _ parked: ParkedScan, movement: ID<Movement>?, by caller: Caller, in tx: WriteTransaction
) throws {
    try tx.closeParked(parked.id, as: .resolved, reason: nil, movement: movement)
    try tx.tell(
        ScanEvent.resolved, about: parked.id.description,
        facts(parked, movement.map { ["movement": .text($0.description)] } ?? [:]), by: caller)
}

/// What is told of every parked scan: its code and its warehouse.
private func facts(_ parked: ParkedScan, _ more: [String: Fact]) -> [String: Fact] {
    let warehouse: Fact = parked.warehouse.map { .text($0.description) } ?? .none
    return more.merging(["code": .text(parked.code), "warehouse": warehouse]) { one, _ in one }
}

/// Drops a parked scan, with a reason that stays.
func dismiss(
    _ id: ID<ParkedScan>, reason: String, by caller: Caller, in tx: WriteTransaction
) throws -> ParkedScan {
    let parked = try require(id, by: caller, in: tx)
    let state = try parkedLifecycle.after("dismiss", from: parked.state)
    try tx.closeParked(id, as: state, reason: reason, movement: nil)
    try tx.tell(
        ScanEvent.dismissed, about: id.description,
        facts(parked, ["reason": .text(reason)]), by: caller)
    return try require(id, by: caller, in: tx)
}

private func require(
    _ id: ID<ParkedScan>, by caller: Caller, in tx: ReadTransaction
) throws -> ParkedScan {
    guard let parked = try tx.parkedScan(id, within: caller.scope) else {
        throw ScanRefusal.parkedUnknown
    }
    return parked
}
