// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
package import Kernel

/// Puts a restored store in the place of the one that is there, and keeps the old one until
/// somebody says that it may go.
///
/// Folders below the data folder: `store` is in use, `restore.draft` is being made, `before-restore`
/// is the old store, `before-restore.gone` an old store that is being removed, and
/// `before-restore.withdrawn` a restored one that is. A restored store has a mark in it until it is
/// kept for good. The exchange of the two is one call to the system, so
/// after a crash one of them is in its place, whole:
///
/// | `before-restore` | what it is |
/// |---|---|
/// | without the mark | the old store: the restore is undecided |
/// | with the mark | a restored store that is not in use: not put yet, or taken back |
///
/// Whoever keeps a restore renames the old store first; from then on it is decided. A restored store
/// that is not in use is renamed before it is removed, too: it would lose its mark before the rest.
package struct StoreSwap: Sendable {
    private let data: String
    package var draft: String { "\(data)/restore.draft" }
    /// Where commits that the backup lacks are put together.
    package var extra: String { "\(data)/restore.spool" }
    /// Where key files of the backup are tried.
    package var keys: String { "\(data)/restore.keys" }
    /// The old store, while the restore is undecided.
    package var kept: String { "\(data)/before-restore" }
    private var live: String { "\(data)/store" }
    private var gone: String { "\(data)/before-restore.gone" }
    private var withdrawn: String { "\(data)/before-restore.withdrawn" }
    /// Lies in a restored store until the restore is settled.
    private static let mark = "restored"

    package init(data: String) { self.data = data }

    /// Whether a restored store is in use and the old one is kept.
    package var isOpen: Bool {
        Disk.exists(kept) && !Disk.exists("\(kept)/\(StoreSwap.mark)")
    }

    /// Whether somebody began to let the old store go.
    package var isSettling: Bool { Disk.exists(gone) }

    /// Whether there is a store, and not only its folder.
    package var hasStore: Bool { Disk.exists("\(live)/\(SealedStore.fileName)") }

    /// Makes sure that no daemon has the store open, for as long as the result lives.
    ///
    /// - Throws: `StoreFault.inUse`.
    package func claim() throws -> StoreClaim? {
        Disk.exists(live) ? StoreClaim(try FolderLock(live)) : nil
    }

    // MARK: Before

    /// Removes what an earlier try left. Nothing of it is in use, or was.
    ///
    /// - Throws: `BackupFault.system`.
    package func clear() throws {
        try asBackupFault {
            for rest in [draft, extra, keys, gone, withdrawn, "\(data)/store.drill"] {
                try Disk.removeAll(rest)
            }
            for store in ["restore.draft", "before-restore", "store.drill"] {
                try Disk.remove(ledger(of: store))
            }
            guard !isOpen else { return }
            try removeKept()
            try Disk.remove("\(live)/\(StoreSwap.mark)")
        }
    }

    /// Removes a restored store that is not in use.
    private func removeKept() throws(SystemFault) {
        if Disk.exists(kept) { try Disk.move(kept, to: withdrawn) }
        try Disk.removeAll(withdrawn)
    }

    /// Removes the draft only, to begin it anew.
    ///
    /// - Throws: `BackupFault.system`.
    package func clearDraft() throws {
        try asBackupFault {
            try Disk.removeAll(draft)
            try Disk.remove(ledger(of: "restore.draft"))
        }
    }

    /// Looks whether `put` can do its work.
    ///
    /// - Throws: `SwapFault`.
    package func examine() throws {
        var status = stat()
        if lstat(live, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
            throw SwapFault.link(live)
        }
        guard !Disk.exists(kept) else { throw SwapFault.inTheWay(kept) }
        let disk = Disk.exists(live) ? live : data
        guard !Disk.exists(draft) || Disk.shareDisk(draft, disk) else {
            throw SwapFault.otherDisk(live)
        }
    }

    /// Writes down that the store in `folder`, which is closed, will be in its place at the next
    /// start. Only that very store is believed then; the one that is there is judged as ever, so a
    /// crash before the exchange opens nothing. Without a store in use the ledger of the draft
    /// becomes the store's.
    ///
    /// - Throws: `KeyFault.noSecureMemory`, `StoreFault`, `BackupFault.system`.
    package func accept(
        _ folder: String, key: RootKey, actor: String, reason: String, now: Instant
    ) throws {
        let main = "\(folder)/\(SealedStore.fileName)"
        if hasStore {
            try Freshness.announceExchange(
                of: Disk.resolved(live) ?? live, for: main, key: key, actor: actor,
                reason: reason, at: now.microseconds)
        } else {
            try asBackupFault {
                try Freshness.make(ofRestoredAt: main, ledger: ledger(of: "store"), key: key)
            }
        }
    }

    /// Takes `accept` back after an exchange that did not happen.
    ///
    /// - Throws: `KeyFault.noSecureMemory`, `StoreFault`, `BackupFault.system`.
    package func withdraw(key: RootKey, now: Instant) throws {
        if hasStore {
            try Freshness.withdrawExchange(
                of: Disk.resolved(live) ?? live, key: key, at: now.microseconds)
        } else {
            try asBackupFault { try Disk.remove(ledger(of: "store")) }
        }
    }

    private func ledger(of store: String) -> String {
        Freshness.ledgerPath(of: "\(Disk.resolved(data) ?? data)/\(store)")
    }

    // MARK: The exchange

    /// Puts the draft in the place of the store. Returns whether there was an old one.
    ///
    /// - Parameter step: called before each change; for those who watch.
    /// - Throws: `BackupFault.system`; look at `isOpen` for whether it has happened.
    package func put(_ step: () -> Void = {}) throws -> Bool {
        try asBackupFault {
            try? Disk.remove(ledger(of: "restore.draft"))
            guard hasStore else {
                // The empty folder of a store that was never made.
                Disk.removeFolder(live)
                step()
                try Disk.move(draft, to: live)
                return false
            }
            step()
            try Disk.replace("\(draft)/\(StoreSwap.mark)", with: [])
            step()
            try Disk.move(draft, to: kept)
            step()
            try Disk.exchange(live, kept)
            step()
            return true
        }
    }

    /// Lets the old store go. It can be called again when it was interrupted.
    ///
    /// - Throws: `BackupFault.system`.
    package func settle(_ step: () -> Void = {}) throws {
        try asBackupFault {
            if isOpen {
                step()
                try Disk.removeAll(gone)
                try Disk.move(kept, to: gone)
            }
            step()
            try Disk.remove("\(live)/\(StoreSwap.mark)")
            try Disk.flushFolder(of: "\(live)/.")
            step()
            try Disk.removeAll(gone)
            step()
        }
    }

    /// Puts the old store back and lets the restored one go. What the old store captures from now
    /// on is a chain of its own.
    ///
    /// - Throws: `BackupFault.system`; look at `isOpen` for whether it has happened.
    package func abandon(_ step: () -> Void = {}) throws {
        let marks = try [live, kept].map {
            try NewChainMark(besides: "\($0)/\(SealedStore.fileName)")?.commit ?? 0
        }
        try NewChainMark.put(inFolder: kept, commit: marks.max() ?? 0)
        try asBackupFault {
            step()
            try Disk.exchange(live, kept)
            step()
            try removeKept()
            step()
        }
    }

    /// Makes a ledger for the old store where it is kept, so that it can be opened and looked at
    /// there: the ledger of the store in use knows another one.
    ///
    /// - Throws: as `SealedStore.acceptRollback`.
    package func makeKeptOpenable(key: RootKey, now: Instant) throws {
        try asBackupFault { try Disk.remove(ledger(of: "before-restore")) }
        _ = try SealedStore.acceptRollback(
            folder: kept, key: key, actor: "restore", reason: "a look at the old books", now: now)
    }

    /// Removes what `makeKeptOpenable` made.
    package func forgetKeptLedger() { try? Disk.remove(ledger(of: "before-restore")) }

    /// Gives everything below the data folder to the owner of that folder: whoever restores is
    /// root, and the daemon is not.
    package func giveToOwner() {
        var status = stat()
        guard stat(data, &status) == 0, getuid() == 0, status.st_uid != 0 else { return }
        let names = FileManager.default.enumerator(atPath: data)?.allObjects as? [String] ?? []
        for name in names { lchown("\(data)/\(name)", status.st_uid, status.st_gid) }
    }
}

/// Why a restored store cannot be put in its place. Nothing was changed then.
package enum SwapFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The folder of the store is a link, and exchanging it would exchange the link only.
    case link(String)
    /// There is something where the old store would be kept.
    case inTheWay(String)
    /// The store lies on another disk than the data folder.
    case otherDisk(String)

    package var description: String {
        switch self {
        case .link(let path):
            "\(path) is a link: put the folder itself in its place (or mount it there), with its "
                + "ledger, and restore then"
        case .inTheWay(let path): "\(path) is in the way; move it away"
        case .otherDisk(let path):
            "\(path) lies on another disk than the data folder: restore to a data folder that is "
                + "on one disk"
        }
    }
}

/// The store is ours for as long as this object lives.
package final class StoreClaim: Sendable {
    private let lock: FolderLock
    init(_ lock: FolderLock) { self.lock = lock }
    package func release() { lock.release() }
}
