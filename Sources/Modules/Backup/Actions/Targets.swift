// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import SealedStore

/// The target behind a row.
func open(_ kind: TargetKind, _ place: String) throws -> any BackupTarget {
    switch kind {
    case .folder: try FolderTarget(place)
    }
}

/// Looks whether a place can be a target, before it is one. Slow: it writes there.
func requireUsable(_ kind: TargetKind, place: String, for store: SealedStore) throws {
    guard store.canBackUp else { throw BackupRefusal.practiceBooks }
    do {
        let target = try open(kind, place)
        try target.probe()
        _ = try BackupIndex(of: target, seal: store.backupSeal)
    } catch BackupFault.otherDatabase {
        throw BackupRefusal.placeOfOthers(place: place)
    } catch let fault as BackupFault {
        throw BackupRefusal.placeNotUsable(place: place, reason: fault.description)
    }
}

/// Adds a target. What it holds comes with the next shipment.
func addTarget(
    name: String, kind: TargetKind, place: String, by caller: Caller, in tx: WriteTransaction
) throws -> Target {
    let known = try tx.backupTargets()
    guard known.count < BackupRule.targetsMost else {
        throw BackupRefusal.tooMany(most: Int64(BackupRule.targetsMost))
    }
    guard !known.contains(where: { $0.place == place }) else {
        throw BackupRefusal.placeTaken(place: place)
    }
    guard !known.contains(where: { $0.name.lowercased() == name.lowercased() }) else {
        throw BackupRefusal.nameTaken(name: name)
    }
    let id = try tx.addTarget(name: name, kind: kind, place: place)
    try tx.tell(
        BackupEvent.targetAdded, about: id.description,
        ["name": .text(name), "kind": .text(kind.rawValue), "place": .text(place)], by: caller)
    guard let target = try tx.backupTarget(id) else { throw BackupRefusal.targetUnknown }
    return target
}

/// Takes a target off the list. The objects stay where they are.
func removeTarget(
    _ id: ID<Target>, by caller: Caller, in tx: WriteTransaction
) throws -> Target {
    guard let target = try tx.backupTarget(id) else { throw BackupRefusal.targetUnknown }
    try tx.removeTarget(id)
    try tx.tell(
        BackupEvent.targetRemoved, about: id.description,
        ["name": .text(target.name), "place": .text(target.place)], by: caller)
    return target
}

/// What a target holds, checked against what we know that we wrote there.
///
/// - Throws: `BackupRefusal.targetRolledBack` when it holds something older or something else.
func heldIndex(of target: Target, at place: any BackupTarget, seal: BackupSeal) throws
    -> BackupIndex
{
    guard let index = try BackupIndex(of: place, seal: seal) else {
        guard target.edition == 0 else { throw BackupFault.missing(BackupIndex.name) }
        return BackupIndex()
    }
    let isOlder = index.edition < target.edition
    let hash = try index.hash(seal: seal)
    let isOther = index.edition == target.edition && hash != target.indexHash
    guard !isOlder, !isOther else { throw BackupRefusal.targetRolledBack(name: target.name) }
    return index
}

/// What is known about the backups now.
func facts(in tx: ReadTransaction) throws -> BackupFacts {
    let status = tx.spoolStatus
    return BackupFacts(
        now: tx.now, targets: try tx.backupTargets(), snapshots: try tx.snapshotTimes(),
        lastDrill: try tx.drills(limit: 1).first, lastGoodDrill: try tx.lastGoodDrill(),
        isCapturing: status.isCapturing, captureFault: status.fault?.description,
        gapAt: status.gap?.at)
}

/// Tells which concerns came and which went since the last time.
func settleAlarms(of store: SealedStore, by caller: Caller) throws {
    let concerns = try store.read { BackupRule.concerns(try facts(in: $0)) }
    let known = Set(try store.read { try $0.alarms() }.map(\.concern))
    guard Set(concerns) != known else { return }
    try store.write { tx in
        for concern in concerns where !known.contains(concern) {
            try tx.raise(concern)
            try tx.tell(
                BackupEvent.alarmRaised, about: "backup", ["concern": .text(concern.rawValue)],
                by: caller)
        }
        for concern in known.subtracting(concerns).sorted() {
            try tx.clear(concern)
            try tx.tell(
                BackupEvent.alarmCleared, about: "backup", ["concern": .text(concern.rawValue)],
                by: caller)
        }
    }
}
