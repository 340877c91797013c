// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel

/// Where the commits of a store are captured.
package struct BackupPlan: Sendable {
    /// Folder of captured commits; on another disk than the store when there is one.
    package let spool: String
    /// The file with the wrapped root key.
    package let keyFile: String
    /// Bytes in the spool at most.
    package let spoolBytes: Int

    package init(spool: String, keyFile: String, spoolBytes: Int = 4 << 30) {
        self.spool = spool
        self.keyFile = keyFile
        self.spoolBytes = spoolBytes
    }
}

/// What a store holds for its backup.
struct BackupParts: Sendable {
    let plan: BackupPlan?
    let spool: Spool?
    let seal: BackupSeal
    let schemas: [RoomSchema]
}

extension SealedStore {
    var spool: Spool? { parts.spool }
    var seal: BackupSeal { parts.seal }

    /// The longest time that the writer stands still for a known commit, in seconds.
    static let stillMost = 2.0

    /// Whether these books can be backed up; practice books cannot.
    package var canBackUp: Bool { spool != nil }
    package var backupSeal: BackupSeal { seal }
    package var spoolStatus: SpoolStatus { spool?.snapshot ?? SpoolStatus() }

    /// Begins to capture commits; does nothing when they are captured already.
    ///
    /// - Parameter commit: the highest number that any commit is known to have. What comes is
    ///   counted from there on, so that no number is given twice.
    package func beginCapture(after commit: Int64 = 0) throws {
        guard let spool else { throw BackupFault.notCapturing }
        spool.count(from: commit)
        try spool.begin()
    }

    /// Captures no more and removes what was captured.
    package func endCapture() { spool?.end() }

    /// Captures all commits that are durable now.
    package func captureNow() throws {
        guard let spool else { throw BackupFault.notCapturing }
        try spool.captureAll()
    }

    /// Brings what the spool holds, and a snapshot if one is given, to `target`; see `Shipper`.
    package func ship(
        to target: any BackupTarget, _ index: BackupIndex, snapshot: Snapshot? = nil,
        anchor: String? = nil, remove: Set<String> = []
    ) throws -> Shipment {
        guard let spool else { throw BackupFault.notCapturing }
        // What a power cut could take back must not be known elsewhere.
        let names = try spool.settledNames()
        let shipper = Shipper(folder: spool.folder, seal: seal, now: clock(), names: names)
        do {
            let shipment = try shipper.ship(
                to: target, index, snapshot: snapshot, anchor: anchor, remove: remove)
            spool.lose(shipment.lost)
            return shipment
        } catch BackupFault.interrupted {
            spool.breakChain("captured segments were removed")
            throw BackupFault.interrupted
        }
    }

    /// The key file of the store, its key wrapped, for the targets.
    package func wrappedKeys() throws -> [UInt8] {
        let path = parts.plan?.keyFile ?? ""
        guard let bytes = try asBackupFault({ try Disk.contents(of: path, limit: 1 << 20) }) else {
            throw BackupFault.missing(BackupIndex.keyFileName)
        }
        return bytes
    }

    /// Folders that are no place for backups: the one that holds the store and all that belongs to
    /// it, the spool's, and the key file's.
    package var ownFolders: [String] {
        func parent(_ path: String) -> String {
            path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
        }
        return [parent(folder)] + (parts.plan.map { [$0.spool, parent($0.keyFile)] } ?? [])
    }

    /// Looks whether `bytes`, which lie at a target, are the key file of this database.
    ///
    /// - Throws: `BackupFault.notOurs`, `BackupFault.otherDatabase`.
    package func requireOwnKeyFile(_ bytes: [UInt8]) throws {
        guard let file = try? KeyFile(bytes) else {
            throw BackupFault.notOurs(BackupIndex.keyFileName)
        }
        guard file.databaseID == seal.databaseID else {
            throw BackupFault.otherDatabase(BackupIndex.keyFileName)
        }
    }

    /// Removes segments from the spool that lie safely elsewhere.
    package func forgetSegments(_ names: [String]) { spool?.remove(names) }

    // MARK: A known commit

    /// Reads in one view of which the number of its last commit is known. The writer stands still
    /// for the moment in which the view begins.
    package func readAtKnownCommit<T>(
        _ body: (ReadTransaction, _ commit: Int64) throws -> T
    ) throws -> T {
        guard let spool else { throw BackupFault.notCapturing }
        guard !writer.isCurrentThread else { throw StoreFault.wouldDeadlock }
        // Most of what is not captured yet is captured before the writer has to wait.
        try spool.captureAll()
        return try pool.read { tx in
            let held = DispatchSemaphore(value: 0)
            let done = DispatchSemaphore(value: 0)
            try writer.queue.putAlone { _ in
                held.signal()
                _ = done.wait(timeout: .now() + SealedStore.stillMost)
            }
            held.wait()
            defer { done.signal() }
            _ = try tx.integer("SELECT count(*) FROM sqlite_schema")
            try spool.captureAll()
            let commit = spool.snapshot.commit
            done.signal()
            return try body(tx, commit)
        }
    }
}

extension ReadTransaction {
    /// Whether the books of this transaction can be backed up.
    package var canBackUp: Bool { connection.vault.spool != nil }
    /// Whether somebody without this box opens the backup: the key file has a slot for a recovery
    /// key or a passphrase. True when the key file cannot be read, since it is not known then.
    package var hasRecovery: Bool {
        guard let path = connection.vault.spool?.keyFile, let file = try? KeyFile.open(at: path)
        else { return true }
        return file.slots.contains { !$0.kind.isUnattended }
    }
    /// How the capture of commits does, now.
    package var spoolStatus: SpoolStatus { connection.vault.spool?.snapshot ?? SpoolStatus() }
}
