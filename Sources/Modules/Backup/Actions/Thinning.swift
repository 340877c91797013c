// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel
import Outbox
import SealedStore

/// Takes from every target what is older than the rule keeps. Returns one line about it.
func thin(_ store: SealedStore, _ depot: Depot, zone: SiteZone) throws -> String {
    guard store.canBackUp, store.spoolStatus.isCapturing else { return "nothing to thin out" }
    let (targets, now) = try store.read { (try $0.backupTargets(), $0.now) }
    var removed = 0
    var keeping: [String] = []
    var failure: (any Error)?
    for target in targets {
        do {
            try depot.alone { try thin(target.id, store, depot, now: now, zone: zone) }
            removed += try sweep(target.id, store, depot)
            removed += try forgetOldKeys(target.id, store, depot, now: now)
        } catch let refusal as DeletionRefused {
            // It keeps everything, which is a good thing for backups.
            keeping.append("\(target.name) lets nothing be removed and grows: \(refusal.words)")
        } catch {
            let cause = named(error, target)
            let (code, words) = wording(of: cause)
            try store.write { try $0.noteFault(target.id, code: code, words: words) }
            failure = cause
        }
    }
    if let failure { throw failure }
    return (["\(removed) objects"] + keeping).joined(separator: "; ")
}

/// A target does not let an object be removed: the rights of a bucket say so, or of a file.
private struct DeletionRefused: Error {
    let words: String
}

extension BackupTarget {
    /// Removes an object.
    ///
    /// - Throws: `DeletionRefused`, and what the target throws.
    fileprivate func remove(_ name: String) throws {
        do {
            try delete(name)
        } catch CarryFault.undone(.accessDenied, let text) {
            throw DeletionRefused(words: text)
        } catch BackupFault.system(let fault) where fault.refusesRights {
            throw DeletionRefused(words: fault.description)
        }
    }
}

private func thin(
    _ id: ID<Target>, _ store: SealedStore, _ depot: Depot, now: Instant, zone: SiteZone
) throws {
    guard let target = try store.read({ try $0.backupTarget(id) }) else { return }
    let place = try depot.open(target, for: store)
    let index = try heldIndex(of: target, at: place, store, known: depot.lastIndex(of: target))
    let going = Retention.removable(
        index.snapshots.map { entry in
            Retention.Copy(
                name: entry.manifest, chain: entry.chain.description, first: entry.logStart,
                last: entry.sequence, ended: entry.ended,
                isWhole: index.packs(behind: entry) != nil)
        },
        index.packs.map { pack in
            Retention.Run(
                name: pack.name, chain: pack.chain.description, first: pack.first,
                last: pack.last, until: pack.until)
        }, now: now, day: zone.day(of:))
    guard !going.isEmpty else { return }
    // The index goes first: an object that it does not name may be there, not the reverse.
    let shipment = try store.ship(to: place, index, remove: going)
    let (edition, points) = (shipment.index.edition, restorePoints(shipment.index))
    depot.forget(target)
    try store.write { tx in
        try tx.noteReached(
            id, epoch: store.keyEpoch, edition: edition, hash: shipment.indexHash,
            commit: target.commit, commitAt: target.commitAt, sharesDisk: target.sharesDisk)
        try tx.setRestorePoints(points, epoch: store.keyEpoch, of: id)
    }
}

/// Objects that are removed while shipments wait: a few seconds over a slow line.
private let sweptAtOnce = 50

/// Removes objects that the index does not name: thinned out, or left by a crash. A shipment could
/// bring an object under the same name again, so none comes in between; but they come often.
private func sweep(_ id: ID<Target>, _ store: SealedStore, _ depot: Depot) throws -> Int {
    var removed = 0
    while true {
        let (count, isDone) = try depot.alone {
            guard let target = try store.read({ try $0.backupTarget(id) }) else { return (0, true) }
            let place = try depot.open(target, for: store)
            return try sweep(
                place,
                try heldIndex(of: target, at: place, store, known: depot.lastIndex(of: target)))
        }
        removed += count
        if isDone || count == 0 { return removed }
    }
}

/// Removes all objects that the index does not name, for whoever changes the target alone.
func sweepAll(_ place: any BackupTarget, _ index: BackupIndex) throws {
    while true {
        let (count, isDone) = try sweep(place, index)
        if isDone || count == 0 { return }
    }
}

private func sweep(_ place: any BackupTarget, _ index: BackupIndex) throws -> (Int, Bool) {
    let named = Set(index.names)
    let folders = Set(index.snapshots.map(\.folder))
    var removed = 0
    let objects = try BackupObject.folders.flatMap { try place.list($0) }
    for object in objects {
        let folder = object.name.lastIndex(of: "/").map { String(object.name[..<$0]) } ?? ""
        // What has no name of ours is somebody else's.
        guard BackupObject.isOurs(object.name), !named.contains(object.name),
            !folders.contains(folder)
        else { continue }
        try place.remove(object.name)
        removed += 1
        if removed >= sweptAtOnce { return (removed, false) }
    }
    return (removed, true)
}

/// Removes what a key of an older epoch opens, once all of it is older than anything that is kept.
private func forgetOldKeys(
    _ id: ID<Target>, _ store: SealedStore, _ depot: Depot, now: Instant
) throws -> Int {
    guard let target = try store.read({ try $0.backupTarget(id) }) else { return 0 }
    let older = try store.read { try $0.restorePoints(of: id) }.filter {
        $0.epoch < store.keyEpoch
    }
    let edge = now.microseconds - Retention.daysOfAll * 86_400_000_000
    var removed = 0
    for epoch in Set(older.map(\.epoch)) {
        let newest = older.filter { $0.epoch == epoch }.map { $0.point.until ?? $0.point.at }.max()
        guard let newest, newest.microseconds < edge else { continue }
        let whole = try depot.whole(target)
        let folders = try BackupFolder.all(of: whole).filter { Int64($0.epoch) == epoch }
        // Two of one epoch: books that were restored and went another way. Whose is whose?
        guard folders.count < 2 else { continue }
        for name in try folders.first?.names(in: whole) ?? [] {
            try whole.remove(name)
            removed += 1
        }
        try store.write { tx in
            try tx.forgetRestorePoints(epoch: epoch, of: id)
            try tx.forgetParts(epoch: epoch, of: id)
        }
    }
    return removed
}
