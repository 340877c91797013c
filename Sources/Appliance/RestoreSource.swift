// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Backup
import Foundation
import Glibc
import Journal
import Kernel
import ModuleKit
import Outbox
import SealedStore

/// What a restore reads: the part of the backup that the key opens, with the commits over it that
/// were captured and not brought to it. The backup is not written to, nor need it be writable.
struct RestoreSource {
    private let request: RestoreRequest
    private let index: BackupIndex
    private let restorer: Restorer

    /// - Throws: `BackupFault`; `BackupFault.missing` when there is no index.
    init(
        _ whole: any BackupTarget, _ key: BackupKey, _ request: RestoreRequest, _ swap: StoreSwap
    ) throws {
        self.request = request
        let target = KeyedTarget(whole, key.folder)
        guard let there = try BackupIndex(of: target, seal: key.seal) else {
            throw BackupFault.missing(BackupIndex.name)
        }
        let added = try Self.added(to: target, there, key, request, swap)
        index = added?.index ?? there
        restorer = Restorer(added?.target ?? target, seal: key.seal)
    }

    /// The backup with what the spool holds over it; nil without a spool that can be read.
    private static func added(
        to target: any BackupTarget, _ there: BackupIndex, _ key: BackupKey,
        _ request: RestoreRequest, _ swap: StoreSwap
    ) throws -> (target: any BackupTarget, index: BackupIndex)? {
        guard let spool = spoolFolder(request) else { return nil }
        request.say("adding what was captured and not brought to the backup yet")
        do {
            try FileManager.default.createDirectory(
                atPath: swap.extra, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            let path = URL(fileURLWithPath: swap.extra).standardizedFileURL.path
            let layers = LayeredTarget(try FolderTarget(path), over: target)
            let shipment = try Shipper(spool: spool, seal: key.seal, now: systemClock())
                .ship(to: layers, there)
            if !shipment.lost.isEmpty {
                request.say("\(shipment.lost.count) captured segments in \(spool) are damaged")
            }
            return (layers, shipment.index)
        } catch  where request.spool == nil {
            request.say("what lies in \(spool) cannot be read (\(error)); going on without it")
            return nil
        }
    }

    /// Where commits may lie that the backup lacks: the folder that was named, or this box's own.
    private static func spoolFolder(_ request: RestoreRequest) -> String? {
        if let spool = request.spool { return spool }
        let own = "\(request.data)/spool"
        return FileManager.default.fileExists(atPath: own) ? own : nil
    }

    /// The snapshot that `plan` starts from.
    func snapshot(of plan: RestorePlan) throws -> Snapshot { try restorer.snapshot(of: plan) }

    /// Makes the store in the draft, from an older snapshot when the newest is damaged.
    func build(in swap: StoreSwap) throws -> (plan: RestorePlan, restored: Restored) {
        var first: BackupFault?
        for plan in try RestorePlan.candidates(index, request.goal) {
            do {
                request.say("checking \(plan.packs.count + plan.snapshot.parts + 1) objects")
                let commit = try restorer.check(plan)
                request.say("restoring commit \(commit)")
                let restored = try restorer.build(
                    plan, commit: commit, in: swap.draft, commitMost: index.commitMost)
                return (plan, restored)
            } catch let fault as BackupFault where fault.isDamage {
                first = first ?? fault
                request.say(
                    "the snapshot of \(plan.snapshot.ended) cannot be used: \(fault). Trying the one "
                        + "before it, with the commits since")
                try swap.clearDraft()
            }
        }
        throw first ?? BackupFault.outOfReach(request.goal.description)
    }
}

/// Opens what was restored, brings it up to date, looks whether it is in order, and tells the
/// journal what happened: the chain goes on with this entry.
func settleRestored(
    _ folder: String, _ root: RootKey, _ request: RestoreRequest, _ restored: Restored,
    _ snapshot: Snapshot
) throws {
    let head = String(decoding: snapshot.ledgerHead, as: UTF8.self).split(separator: " ")
    if head.count == 4 {
        // Each restored store begins its ledger anew, so only a person can compare.
        request.say(
            "when its snapshot was taken the box had said in the system journal: ledger head: "
                + "generation \(head[0]), commit \(head[1]), record \(head[2]), chain \(head[3])")
    }
    let store = try SealedStore.open(
        folder: folder, key: root, schemas: allSchemas(allModules().modules), clock: systemClock,
        readers: 1)
    defer { store.close() }
    var faults = try store.integrityCheck() + store.read(inspect)
    let known = try store.read { tx in
        try tx.journal(after: snapshot.journalSeq - 1, limit: 1).first
    }
    if snapshot.journalSeq > 0, known?.hash != snapshot.journalHash {
        faults.append("the journal is not the one that the snapshot names")
    }
    guard faults.isEmpty else { throw RestoreFault.notInOrder(faults) }
    let who = Caller.system(getuid() == 0 ? "root" : "local")
    try store.write { tx in
        // What waited then was carried since, or is of no use any more: nothing is sent twice.
        for target in try targetStates(in: tx) {
            try giveUpErrands(to: target.name, by: who, in: tx)
        }
        try skipErrandNumbers(in: tx)
        try tx.tell(
            BackupEvent.restored, about: "backup",
            [
                "from": .text(request.from), "goal": .text(request.goal.description),
                "commit": .integer(restored.commit), "capturedAt": .instant(restored.at),
            ], by: who)
    }
}
