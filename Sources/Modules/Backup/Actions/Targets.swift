// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Journal
import Kernel
import Outbox
import SealedStore

/// Looks whether a place can be a target, before it is one. Slow: it writes there.
///
/// - Returns: whether what is kept there can be removed again.
@discardableResult
func requireUsable(_ draft: TargetDraft, _ depot: Depot, for store: SealedStore) throws -> Bool {
    guard store.canBackUp else { throw BackupRefusal.practiceBooks }
    return try depot.probing {
        do {
            var mayDelete = true
            let whole = try depot.whole(draft.kind, draft.place, draft.access, inPerson: true)
            if let remote = whole as? RemoteTarget {
                mayDelete = try remote.probing()
            } else {
                try whole.probe()
            }
            _ = try BackupIndex(of: try store.part(of: whole), seal: store.backupSeal)
            return mayDelete
        } catch BackupFault.otherDatabase, BackupFault.altered(BackupIndex.name) {
            throw BackupRefusal.placeOfOthers(place: draft.place)
        } catch let fault as BackupFault {
            throw BackupRefusal.placeNotUsable(place: draft.place, reason: fault.description)
        } catch let fault as CarryFault {
            throw RemoteRefusal(fault, name: draft.name)
        }
    }
}

/// What a test of a connection found.
enum ProbeOutcome: Sendable, Equatable {
    case works(mayDelete: Bool)
    /// The host of SFTP shows this key, which nobody has agreed to yet.
    case hostKey(String)
}

/// Tests a connection. Without a fingerprint it finds out which one the host shows.
func probe(_ draft: TargetDraft, _ depot: Depot, for store: SealedStore) throws -> ProbeOutcome {
    do {
        return .works(mayDelete: try requireUsable(draft, depot, for: store))
    } catch let refusal as RemoteRefusal {
        guard draft.isHostUnknown, let key = refusal.fault.shownHostKey else { throw refusal }
        return .hostKey(key)
    }
}

/// Adds a target. What it holds comes with the next shipment.
func addTarget(
    _ draft: TargetDraft, epoch: Int64, by caller: Caller, in tx: WriteTransaction
) throws -> Target {
    let known = try tx.backupTargets()
    guard known.count < BackupRule.targetsMost else {
        throw BackupRefusal.tooMany(most: Int64(BackupRule.targetsMost))
    }
    guard !known.contains(where: { $0.place == draft.place }) else {
        throw BackupRefusal.placeTaken(place: draft.place)
    }
    guard !known.contains(where: { $0.name.lowercased() == draft.name.lowercased() }) else {
        throw BackupRefusal.nameTaken(name: draft.name)
    }
    let id = try tx.addTarget(draft, epoch: epoch)
    try tx.tell(BackupEvent.targetAdded, about: id.description, draft.facts, by: caller)
    guard let target = try tx.backupTarget(id) else { throw BackupRefusal.targetUnknown }
    return target
}

/// Changes where a target is or how it is got into; its kind and name stay.
func changeTarget(
    _ id: ID<Target>, _ draft: TargetDraft, by caller: Caller, in tx: WriteTransaction
) throws -> Target {
    let known = try tx.backupTargets()
    guard let target = known.first(where: { $0.id == id }) else {
        throw BackupRefusal.targetUnknown
    }
    guard draft.kind == target.kind else { throw BackupRefusal.kindStays }
    guard !known.contains(where: { $0.place == draft.place && $0.id != id }) else {
        throw BackupRefusal.placeTaken(place: draft.place)
    }
    try tx.setAccess(id, draft)
    if target.place != draft.place {
        for epoch in Set(try tx.restorePoints(of: id).map(\.epoch)) {
            try tx.forgetRestorePoints(epoch: epoch, of: id)
        }
    }
    try tx.tell(BackupEvent.targetChanged, about: id.description, draft.facts, by: caller)
    guard let changed = try tx.backupTarget(id) else { throw BackupRefusal.targetUnknown }
    return changed
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

/// What a target holds for the key of the store, checked against what we know that we wrote there.
///
/// - Parameter place: the part that the key opens.
/// - Throws: `BackupRefusal.targetRolledBack` when it holds something older or something else.
func heldIndex(of target: Target, at place: any BackupTarget, _ store: SealedStore) throws
    -> BackupIndex
{
    // With another key we wrote elsewhere, so nothing is known about this part.
    let isKnown = target.epoch == store.keyEpoch
    let edition = isKnown ? target.edition : 0
    guard let index = try BackupIndex(of: place, seal: store.backupSeal) else {
        guard edition == 0 else { throw BackupFault.missing(BackupIndex.name) }
        return BackupIndex()
    }
    let isOlder = index.edition < edition
    let hash = try index.hash(seal: store.backupSeal)
    let isOther = isKnown && index.edition == edition && hash != target.indexHash
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
