// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Backup
import Foundation
import Glibc
package import Kernel
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

/// Brings the books back from a backup: checks first, restores beside what is there, checks what
/// was restored, and puts it in its place in one step. The daemon must not run. Nothing is written
/// to the backup.
///
/// - Parameter step: called before and after each change of what is in use; for those who watch.
/// - Throws: `StoreFault.inUse` while the daemon or another restore runs, `RestoreFault`,
///   `SwapFault`, `PlanFault`, `BackupFault`, `KeyFault`, and what the target throws.
package func restoreBackup(
    _ request: RestoreRequest, step: () -> Void = {}
) throws -> RestoreOutcome {
    try FileManager.default.createDirectory(
        atPath: request.data, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    let hold = try RestoreHold(request.data)
    defer { hold.release() }
    let swap = hold.swap
    guard !swap.isOpen else { throw RestoreFault.undecided }
    try swap.clear()
    defer { try? swap.clear() }
    let unused = UnusedBooks(data: request.data)
    try unused.finish()
    try swap.examine()
    let whole = try request.target ?? FolderTarget(request.from)
    let key = try BackupKey(of: whole, request, scratch: swap.keys, besides: unused)
    try hold.claim()
    let source = try RestoreSource(whole, key, request, swap)
    let (plan, restored) = try key.telling(where: request, lies: whole) {
        try source.build(in: swap)
    }
    request.say("checking the books")
    try settleRestored(swap.draft, key.root, request, restored, source.snapshot(of: plan))
    let keepsOld = try !request.isRehearsal && exchange(request, key, unused, restored, swap, step)
    return RestoreOutcome(
        commit: restored.commit, at: restored.at, pages: restored.pages, epoch: key.root.epoch,
        keepsOld: keepsOld)
}

/// Puts the draft in its place. Returns whether there are old books to go back to.
private func exchange(
    _ request: RestoreRequest, _ key: BackupKey, _ unused: UnusedBooks, _ restored: Restored,
    _ swap: StoreSwap, _ step: () -> Void
) throws -> Bool {
    try key.prepare()
    if key.replacesUnused {
        request.say(
            "the books that this box began with were never set up; they go to \(unused.path)")
        try unused.setAside()
    }
    // Root may be killed from here on; the daemon must be able to read what takes its place.
    swap.giveToOwner()
    step()
    try swap.accept(
        swap.draft, key: key.root, actor: ownName(),
        reason: "restore of commit \(restored.commit) from a backup", now: systemClock())
    do {
        step()
        try key.adopt()
        let keepsOld = try swap.put(step)
        leavePractice(request.data)
        return keepsOld
    } catch {
        guard !swap.isOpen else { throw RestoreFault.exchanged("\(error)") }
        try swap.withdraw(key: key.root, now: systemClock())
        throw error
    }
}

/// Practice books are a copy of books that are not in use any more: the next start leaves them.
private func leavePractice(_ data: String) {
    guard FileManager.default.fileExists(atPath: "\(data)/practice") else { return }
    try? Data().write(to: URL(fileURLWithPath: "\(data)/practice.left"))
}

/// Keeps a restore and lets the old books go. It can be called again when it was interrupted.
///
/// - Throws: `StoreFault.inUse`, `RestoreFault.nothingToDecide`, `BackupFault.system`.
package func commitRestore(data: String, step: () -> Void = {}) throws {
    let hold = try RestoreHold(data)
    defer { hold.release() }
    guard hold.swap.isOpen || hold.swap.isSettling else { throw RestoreFault.nothingToDecide }
    try hold.claim()
    try hold.swap.settle(step)
}

/// Takes a restore back: the old books are in use again, and what happened in the restored ones is
/// gone. The old books are opened and looked at first.
///
/// - Parameters:
///   - opener: what a person brings to open the key; asked for only when nothing else opens it.
///   - say: takes one line about what is being done.
/// - Throws: `StoreFault.inUse`, `RestoreFault.nothingToDecide`, `RestoreFault.oldNotInOrder` (the
///   restored books stay), `BackupFault`, `KeyFault`.
package func abandonRestore(
    data: String, opener: () throws -> KeyFile.Opener, say: (String) -> Void = { _ in },
    step: () -> Void = {}
) throws {
    let hold = try RestoreHold(data)
    defer { hold.release() }
    let swap = hold.swap
    guard swap.isOpen else { throw RestoreFault.nothingToDecide }
    try hold.claim()
    let key = try KeyRing(data: data).open(with: opener, say: say)
    try requireOldInOrder(swap, key)
    step()
    try swap.accept(
        swap.kept, key: key, actor: ownName(), reason: "a restore was taken back",
        now: systemClock())
    do {
        try swap.abandon(step)
        leavePractice(data)
    } catch {
        guard swap.isOpen else { throw RestoreFault.exchanged("\(error)") }
        try swap.withdraw(key: key, now: systemClock())
        throw error
    }
}

/// Opens the old books where they are kept, as the daemon would, looks at all of them and closes
/// them, so that they are whole without a log.
private func requireOldInOrder(_ swap: StoreSwap, _ key: RootKey) throws {
    var faults: [String]
    do {
        try swap.makeKeptOpenable(key: key, now: systemClock())
        defer { swap.forgetKeptLedger() }
        let store = try SealedStore.open(
            folder: swap.kept, key: key, schemas: allSchemas(allModules().modules),
            clock: systemClock, readers: 1)
        defer { store.close() }
        faults = try store.integrityCheck() + store.read(inspect)
    } catch {
        faults = ["\(error)"]
    }
    guard faults.isEmpty else { throw RestoreFault.oldNotInOrder(faults) }
}
