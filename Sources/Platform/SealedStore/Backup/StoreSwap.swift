// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
package import Kernel

/// Puts a restored store in the place of the one that is there, and keeps the old one until
/// somebody says that it may go.
///
/// Three folders below the data folder: `store` is in use, `restore.draft` is being made, and
/// `before-restore` is the old store. The exchange of the two is one call to the system, so after
/// a crash one of them is in its place, whole.
package struct StoreSwap: Sendable {
    private let data: String
    package var draft: String { "\(data)/restore.draft" }
    private var live: String { "\(data)/store" }
    private var kept: String { "\(data)/before-restore" }
    /// Lies in a restored store until the restore is settled.
    private static let mark = "restored"

    package init(data: String) { self.data = data }

    /// Whether a restored store is in use and the old one is kept.
    package var isOpen: Bool { Disk.exists("\(live)/\(StoreSwap.mark)") && Disk.exists(kept) }

    /// Makes sure that no daemon has the store open, for as long as the result lives.
    ///
    /// - Throws: `StoreFault.inUse`.
    package func claim() throws -> StoreClaim? {
        Disk.exists(live) ? StoreClaim(try FolderLock(live)) : nil
    }

    /// Writes down that the store which is in its place at the next start is the right one: the
    /// ledger knows the other one of the two. Before the exchange, so that after a crash either is
    /// believed. Without an old store the ledger of the draft becomes the store's.
    ///
    /// - Throws: `KeyFault.noSecureMemory`, `StoreFault.system`, `AcceptanceFault`.
    package func accept(key: RootKey, actor: String, reason: String, now: Instant) throws {
        if Disk.exists("\(live)/\(SealedStore.fileName)") {
            let folder = Disk.resolved(live) ?? live
            _ = try SealedStore.noteAcceptance(
                inLocked: folder, key: key, actor: actor, reason: reason, now: now)
        } else {
            try asBackupFault {
                let folder = Disk.resolved(data) ?? data
                try Freshness.make(
                    ofRestoredAt: "\(draft)/\(SealedStore.fileName)",
                    ledger: Freshness.ledgerPath(of: "\(folder)/store"), key: key)
            }
        }
    }

    private func removeDraftLedger() {
        let folder = Disk.resolved(data) ?? data
        let path = Freshness.ledgerPath(of: "\(folder)/restore.draft")
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Removes what an earlier try left.
    package func clear() throws {
        try? FileManager.default.removeItem(atPath: draft)
        removeDraftLedger()
        // The exchange did not happen: what is kept is a restored store, not an old one.
        if Disk.exists("\(kept)/\(StoreSwap.mark)"), !isOpen {
            try? FileManager.default.removeItem(atPath: kept)
        }
    }

    /// Puts the draft in the place of the store. Returns whether there was an old one.
    package func put() throws -> Bool {
        defer { removeDraftLedger() }
        return try asBackupFault {
            guard Disk.exists(live) else {
                try Disk.move(draft, to: live)
                return false
            }
            try Disk.replace("\(draft)/\(StoreSwap.mark)", with: [])
            try Disk.move(draft, to: kept)
            try Disk.exchange(live, kept)
            return true
        }
    }

    /// Lets the old store go.
    package func settle() throws {
        try asBackupFault {
            try Disk.remove("\(live)/\(StoreSwap.mark)")
            try Disk.flushFolder(of: "\(live)/.")
            try FileManager.default.removeItem(atPath: kept)
        }
    }

    /// Puts the old store back and lets the restored one go. What the old store captures from now
    /// on is a chain of its own.
    package func abandon() throws {
        let mark = try NewChainMark(besides: "\(live)/\(SealedStore.fileName)")
        try NewChainMark.put(inFolder: kept, commit: mark?.commit ?? 0)
        try asBackupFault { try Disk.exchange(live, kept) }
        try FileManager.default.removeItem(atPath: kept)
    }

    /// Gives everything below the data folder to the owner of that folder: whoever restores is
    /// root, and the daemon is not.
    package func giveToOwner() {
        var status = stat()
        guard stat(data, &status) == 0, getuid() == 0, status.st_uid != 0 else { return }
        let names = FileManager.default.enumerator(atPath: data)?.allObjects as? [String] ?? []
        for name in names { lchown("\(data)/\(name)", status.st_uid, status.st_gid) }
    }
}

/// The store is ours for as long as this object lives.
package final class StoreClaim: Sendable {
    private let lock: FolderLock
    init(_ lock: FolderLock) { self.lock = lock }
    package func release() { lock.release() }
}
