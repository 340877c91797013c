// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Backup
import Foundation
import Glibc
import Journal
package import Kernel
import ModuleKit
import Outbox
package import SealedStore

/// What a restore needs to know.
package struct RestoreRequest: Sendable {
    /// Folder of all data.
    package var data: String
    /// The folder in which the backup lies, or its address.
    package var from: String
    /// The target behind an address; nil for a folder.
    package var target: (any BackupTarget)?
    /// The epoch of the key whose backup is asked for; nil for the newest that the key opens.
    package var epoch: UInt32?
    package var goal: RestoreGoal
    /// A folder of captured commits that are not in the backup yet, such as on a second disk.
    package var spool: String?
    /// Checks everything and changes nothing.
    package var isRehearsal: Bool
    /// What opens the key on a box that has none; asked for only then.
    package var opener: @Sendable () throws -> KeyFile.Opener
    /// Takes one line about what is being done.
    package var say: @Sendable (String) -> Void

    package init(
        data: String, from: String, target: (any BackupTarget)? = nil, epoch: UInt32? = nil,
        goal: RestoreGoal, spool: String? = nil, isRehearsal: Bool = false,
        opener: @escaping @Sendable () throws -> KeyFile.Opener,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.data = data
        self.from = from
        self.target = target
        self.epoch = epoch
        self.goal = goal
        self.spool = spool
        self.isRehearsal = isRehearsal
        self.opener = opener
        self.say = say
    }
}

/// How a restore ended.
package struct RestoreOutcome: Sendable, Equatable {
    package let commit: Int64
    /// When the last commit that was brought back had been captured.
    package let at: Instant
    package let pages: Int
    /// The epoch of the key that opened the backup.
    package let epoch: UInt32
    /// Whether an old store is kept until the restore is settled.
    package let keepsOld: Bool
}

/// Why a restore stops, with words that say what to do.
package enum RestoreFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The books that were brought back are not in order.
    case notInOrder([String])
    /// The box has the key of another database.
    case otherDatabase
    /// There is a restore that was neither kept nor taken back.
    case undecided
    /// There is nothing to keep or to take back.
    case nothingToDecide
    /// The key opens what an older key sealed, not the newest: which epochs it opens, and the
    /// newest that is there.
    case olderKey(opens: [UInt32], newest: UInt32)
    /// The target has no backup of this epoch; which ones it has.
    case noSuchEpoch(UInt32, has: [UInt32])
    /// The box has the key of one epoch, and the backup of another was asked for.
    case otherEpoch(own: UInt32, asked: UInt32)

    package var description: String {
        switch self {
        case .notInOrder(let faults):
            "the books in the backup are not in order: \(faults.joined(separator: "; "))"
        case .otherDatabase:
            "this box holds another database; restore to a data folder of its own (--data)"
        case .undecided:
            "an earlier restore is not decided: sluicectl restore --commit keeps it, "
                + "--abandon takes it back"
        case .nothingToDecide: "there is no restore to keep or to take back"
        case .olderKey(let opens, let newest):
            "this key opens the backup of key epoch \(Self.list(opens)) only; the newest, epoch "
                + "\(newest), needs the recovery key of the time after the key was rotated. For "
                + "the older one say so: --epoch \(opens.max() ?? 1)"
        case .noSuchEpoch(let epoch, let has):
            "there is no backup of key epoch \(epoch) here, but of \(Self.list(has))"
        case .otherEpoch(let own, let asked):
            "this box has the key of epoch \(own); what epoch \(asked) sealed is restored to a "
                + "data folder of its own (--data) with the recovery key of that time"
        }
    }
}

extension RestoreFault {
    private static func list(_ epochs: [UInt32]) -> String {
        epochs.sorted().map(String.init).joined(separator: ", ")
    }
}

/// Brings the books back from a backup: checks first, restores beside what is there, checks what
/// was restored, and puts it in its place in one step. The daemon must not run.
package func restoreBackup(_ request: RestoreRequest) throws -> RestoreOutcome {
    try FileManager.default.createDirectory(
        atPath: request.data, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    let swap = StoreSwap(data: request.data)
    let claim = try swap.claim()
    defer { claim?.release() }
    guard !swap.isOpen else { throw RestoreFault.undecided }
    try swap.clear()
    let whole = try request.target ?? FolderTarget(request.from)
    let key = try BackupKey(of: whole, request)
    let (root, seal) = (key.root, key.seal)
    let target = KeyedTarget(whole, key.folder)
    if let spool = spoolFolder(request), !request.isRehearsal {
        request.say("adding what was captured and not brought to the backup yet")
        let held = try BackupIndex(of: target, seal: seal) ?? BackupIndex()
        _ = try Shipper(spool: spool, seal: seal, now: systemClock()).ship(to: target, held)
    }
    let restorer = Restorer(target, seal: seal)
    let index = try restorer.index()
    let plan = try RestorePlan(index, request.goal)
    try key.adopt()
    request.say("checking \(plan.packs.count + plan.snapshot.parts + 1) objects")
    let commit = try restorer.check(plan)
    request.say("restoring commit \(commit)")
    let restored = try restorer.build(
        plan, commit: commit, in: swap.draft, commitMost: index.commitMost)
    request.say("checking the books")
    try settle(swap.draft, root, request, restored, restorer.snapshot(of: plan))
    guard !request.isRehearsal else {
        try swap.clear()
        return RestoreOutcome(
            commit: commit, at: restored.at, pages: restored.pages, epoch: root.epoch,
            keepsOld: false)
    }
    try swap.accept(
        key: root, actor: ownName(), reason: "restore of commit \(commit) from a backup",
        now: systemClock())
    let keepsOld = try swap.put()
    swap.giveToOwner()
    return RestoreOutcome(
        commit: commit, at: restored.at, pages: restored.pages, epoch: root.epoch,
        keepsOld: keepsOld)
}

/// Keeps a restore and lets the old books go.
package func commitRestore(data: String) throws {
    let swap = StoreSwap(data: data)
    let claim = try swap.claim()
    defer { claim?.release() }
    guard swap.isOpen else { throw RestoreFault.nothingToDecide }
    try swap.settle()
}

/// Takes a restore back: the old books are in use again, and what happened in the restored ones is
/// gone.
package func abandonRestore(data: String) throws {
    let swap = StoreSwap(data: data)
    let claim = try swap.claim()
    defer { claim?.release() }
    guard swap.isOpen else { throw RestoreFault.nothingToDecide }
    try swap.accept(
        key: try KeyRing(data: data).openExisting(), actor: ownName(),
        reason: "a restore was taken back", now: systemClock())
    try swap.abandon()
    swap.giveToOwner()
}

/// Where commits may lie that the backup lacks: the folder that was named, or this box's own.
private func spoolFolder(_ request: RestoreRequest) -> String? {
    if let spool = request.spool { return spool }
    let own = "\(request.data)/spool"
    return FileManager.default.fileExists(atPath: own) ? own : nil
}

/// Opens what was restored, brings it up to date, looks whether it is in order, and tells the
/// journal what happened: the chain goes on with this entry.
private func settle(
    _ folder: String, _ root: RootKey, _ request: RestoreRequest, _ restored: Restored,
    _ snapshot: Snapshot
) throws {
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
        try tx.tell(
            BackupEvent.restored, about: "backup",
            [
                "from": .text(request.from), "goal": .text(request.goal.description),
                "commit": .integer(restored.commit), "capturedAt": .instant(restored.at),
            ], by: who)
    }
}
