// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Journal
import Kernel
import Outbox
import SealedStore

/// What is known of a place before it is a target.
struct Usable: Sendable {
    /// Whether what is kept there can be removed again.
    let mayDelete: Bool
    /// Whether it is a folder on the same disk as the books.
    let sharesDisk: Bool
}

/// Looks whether a place can be a target, before it is one. Slow: it writes there.
///
/// - Parameter id: of the target that is changed; nil for a new one.
@discardableResult
func requireUsable(
    _ draft: TargetDraft, _ depot: Depot, for store: SealedStore, besides id: ID<Target>? = nil
) throws -> Usable {
    guard store.canBackUp else { throw BackupRefusal.practiceBooks }
    let others = try store.read { try $0.backupTargets() }.filter { $0.id != id }
    return try depot.probing {
        do {
            let whole = try depot.whole(draft.kind, draft.place, draft.access, inPerson: true)
            let usable = try probe(whole, draft, others, depot, store)
            try requireNobodyElse(try store.part(of: whole), store)
            return usable
        } catch BackupFault.otherDatabase, BackupFault.altered(BackupIndex.name) {
            throw BackupRefusal.placeOfOthers(place: draft.place)
        } catch let fault as BackupFault {
            throw BackupRefusal.placeNotUsable(place: draft.place, reason: fault.description)
        } catch let fault as CarryFault {
            throw RemoteRefusal(fault, name: draft.name)
        }
    }
}

private func probe(
    _ whole: any BackupTarget, _ draft: TargetDraft, _ others: [Target], _ depot: Depot,
    _ store: SealedStore
) throws -> Usable {
    if let remote = whole as? RemoteTarget {
        return Usable(mayDelete: try remote.probing(), sharesDisk: false)
    }
    guard let folder = whole as? TimedTarget else { throw BackupFault.badName(draft.place) }
    let own = store.ownFolders
    let (isOwn, isShared) = try folder.ask { folder in
        (folder.isRoot || own.contains { folder.isWithin($0) }, folder.sharesDisk(with: own[0]))
    }
    guard !isOwn else {
        throw BackupRefusal.placeNotUsable(
            place: draft.place,
            reason: "it is the root folder, or lies in a folder of Sluice itself")
    }
    let identity = try folder.ask { try $0.identity() }
    // One of the very same path is refused when it is added: it may be this request, sent twice.
    for other in others where other.kind == .folder && other.place != draft.place {
        // One that is not mounted now cannot be compared.
        let known = try? (depot.whole(.folder, other.place, nil, inPerson: true) as? TimedTarget)?
            .ask { try $0.identity() }
        guard known != identity else { throw BackupRefusal.placeTaken(place: other.place) }
    }
    try whole.probe()
    return Usable(mayDelete: true, sharesDisk: isShared)
}

/// Looks whether a place that holds no index of ours holds something of somebody else, under names
/// that we would write or clear away.
///
/// - Throws: `BackupFault`, which names it.
func requireNobodyElse(_ place: any BackupTarget, _ store: SealedStore) throws {
    guard try BackupIndex(of: place, seal: store.backupSeal) == nil else { return }
    if let keys = try place.get(BackupIndex.keyFileName) { try store.requireOwnKeyFile(keys) }
    for folder in BackupObject.folders {
        if let other = try place.list(folder).first(where: { !BackupObject.isOurs($0.name) }) {
            throw BackupFault.notOurs(other.name)
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
///
/// - Parameter id: of the target that it is the connection of; nil for none.
func probe(
    _ draft: TargetDraft, _ depot: Depot, for store: SealedStore, besides id: ID<Target>? = nil
) throws -> ProbeOutcome {
    do {
        let usable = try requireUsable(draft, depot, for: store, besides: id)
        return .works(mayDelete: usable.mayDelete)
    } catch let refusal as RemoteRefusal {
        guard draft.isHostUnknown, let key = refusal.fault.shownHostKey else { throw refusal }
        return .hostKey(key)
    }
}

/// Adds a target. What it holds comes with the next shipment.
func addTarget(
    _ draft: TargetDraft, epoch: Int64, sharesDisk: Bool = false, by caller: Caller,
    in tx: WriteTransaction
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
    let id = try tx.addTarget(draft, epoch: epoch, sharesDisk: sharesDisk)
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
        try tx.forgetParts(of: id)
    }
    let before = TargetDraft(target)
    var facts = draft.facts
    for (name, old) in before.facts where facts[name] != old {
        facts[name] = .list([old, facts[name] ?? .none])
    }
    // Of the way in only that it is another one.
    facts["accessChanged"] = .flag(before.accessText != draft.accessText)
    try tx.tell(BackupEvent.targetChanged, about: id.description, facts, by: caller)
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
/// - Parameters:
///   - place: the part that the key opens.
///   - known: what it held once: lists of packs that are still in use are not fetched again.
/// - Throws: `BackupRefusal.targetRolledBack` when it holds something older or something else.
func heldIndex(
    of target: Target, at place: any BackupTarget, _ store: SealedStore, known: BackupIndex? = nil
) throws -> BackupIndex {
    // With another key we wrote elsewhere, so nothing is known about this part.
    let isKnown = target.epoch == store.keyEpoch
    let edition = isKnown ? target.edition : 0
    guard let index = try BackupIndex(of: place, seal: store.backupSeal, known: known) else {
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
        gapAt: status.gap?.at, isPossible: tx.canBackUp, hasRecovery: tx.hasRecovery,
        runningSince: status.openedAt)
}

/// Tells which concerns came and which went since the last time.
func settleAlarms(of store: SealedStore, by caller: Caller) throws {
    guard store.canBackUp else { return }
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
