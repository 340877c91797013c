// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

/// Takes from every target what is older than the rule keeps. Returns one line about it.
func thin(_ store: SealedStore, zone: SiteZone) throws -> String {
    guard store.canBackUp, store.spoolStatus.isCapturing else { return "nothing to thin out" }
    let (targets, now) = try store.read { (try $0.backupTargets(), $0.now) }
    var removed = 0
    for target in targets {
        do {
            removed += try thin(target, store, now: now, zone: zone)
        } catch {
            let failure = named(error, target)
            let (code, words) = wording(of: failure)
            try store.write { try $0.noteFault(target.id, code: code, words: words) }
            throw failure
        }
    }
    return "\(removed) objects"
}

private func thin(
    _ target: Target, _ store: SealedStore, now: Instant, zone: SiteZone
) throws -> Int {
    let place = try open(target.kind, target.place)
    let index = try heldIndex(of: target, at: place, seal: store.backupSeal)
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
    var left = index
    if !going.isEmpty {
        // The index goes first: an object that it does not name may be there, not the reverse.
        let shipment = try store.ship(to: place, index, remove: going)
        left = shipment.index
        let (edition, points) = (left.edition, restorePoints(left))
        try store.write { tx in
            try tx.noteReached(
                target.id, edition: edition, hash: shipment.indexHash, commit: target.commit,
                commitAt: target.commitAt)
            try tx.setRestorePoints(points, of: target.id)
        }
    }
    return try sweep(place, left)
}

/// Removes objects that the index does not name: thinned out, or left by a crash.
private func sweep(_ place: any BackupTarget, _ index: BackupIndex) throws -> Int {
    let named = Set(index.names)
    let folders = Set(index.snapshots.map(\.folder))
    var removed = 0
    for object in try place.list("packs/") + place.list("snapshots/") {
        let folder = object.name.lastIndex(of: "/").map { String(object.name[..<$0]) } ?? ""
        guard !named.contains(object.name), !folders.contains(folder) else { continue }
        try place.delete(object.name)
        removed += 1
    }
    return removed
}
