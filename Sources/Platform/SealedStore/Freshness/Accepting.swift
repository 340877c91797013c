// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc
package import Kernel

/// Why an acceptance was not written down.
package enum AcceptanceFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no store in the folder.
    case noStore
    /// The reason is empty, has control characters, or is longer than this many bytes.
    case reason(most: Int)

    package var description: String {
        switch self {
        case .noStore: "There is no store here: nothing can be accepted."
        case .reason(let most):
            "A reason is needed: one line of text, at most \(most) bytes in UTF-8."
        }
    }
}

extension SealedStore {
    /// Writes down that somebody takes the state of a store's files for the right one. The next
    /// `open` believes the files as they lie, whatever tag table and ledger say; pages that do not
    /// open with the key stay damage. What was accepted comes out of `acceptances` then.
    ///
    /// - Parameters:
    ///   - actor: who says so, cut to 60 bytes.
    ///   - reason: why, one line of at most 200 bytes.
    /// - Returns: the path to which a damaged ledger was moved, nil when there was none.
    /// - Throws: `StoreFault.inUse` while the daemon runs, `AcceptanceFault`, `StoreFault.system`.
    @discardableResult
    package static func acceptRollback(
        folder: String, key: RootKey, actor: String, reason: String, now: Instant
    ) throws -> String? {
        let isLine = reason.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
        guard isLine, reason.contains(where: { !$0.isWhitespace }),
            reason.utf8.count <= LedgerRecord.reasonMax
        else { throw AcceptanceFault.reason(most: LedgerRecord.reasonMax) }
        guard Disk.exists(folder) else { throw AcceptanceFault.noStore }
        let lock = try FolderLock(folder)
        defer { lock.release() }
        return try noteAcceptance(
            inLocked: lock.folder, key: key, actor: actor, reason: reason, now: now)
    }

    /// The same, for a folder that the caller keeps others out of.
    static func noteAcceptance(
        inLocked folder: String, key: RootKey, actor: String, reason: String, now: Instant
    ) throws -> String? {
        let main = folder + "/" + fileName
        guard Disk.exists(main) else { throw AcceptanceFault.noStore }
        let path = Freshness.ledgerPath(of: folder)
        let ledger = try GenerationLedger(path: path, key: key)
        var record = LedgerRecord(
            kind: .accepted, at: now.microseconds, actor: Freshness.cut(actor), reason: reason)
        do {
            if try Freshness.load(ledger) {
                try ledger.append { last in
                    record.generation = last?.generation ?? LedgerRecord.Generation()
                    record.prior = last?.prior
                    record.commit = last?.commit ?? 0
                    record.tableSequence = last?.tableSequence ?? 0
                    record.tableMAC = last?.tableMAC ?? record.tableMAC
                    return record
                }
                return nil
            }
            // What the ledger knew is lost; the tag table may still know how far the store was.
            let table = try TagTable(path: main + "-tags", key: key)
            if try table.load() {
                record.commit = table.mark.certificate.commit
                record.generation.number = table.mark.certificate.generation
            }
            try Freshness.makeFolder(of: path)
            let aside = try Freshness.moveAside(path, at: now.microseconds)
            try ledger.make(record)
            return aside
        } catch let fault as SystemFault {
            throw StoreFault.system(fault)
        }
    }

    /// Acceptances of older states that the journal has not been told yet.
    package var acceptances: [Acceptance] { vault.freshness?.ledger.untold ?? [] }

    /// Says that the journal has been told of all `acceptances`. Call it after that commit.
    ///
    /// - Throws: `StoreFault.system`.
    package func acceptancesAreTold() throws {
        do {
            try vault.freshness?.note(.told)
        } catch {
            throw StoreFault.system(error)
        }
    }

    /// How far the store has come, to be written down away from it: into the system journal and
    /// into manifests of backups. Nil for no store that keeps a ledger.
    package var ledgerHead: LedgerHead? { vault.freshness?.ledger.head }
}

extension Freshness {
    /// Whether there is a ledger that can be gone on with. A damaged one cannot.
    static func load(_ ledger: GenerationLedger) throws -> Bool {
        do {
            return try ledger.load()
        } catch is Setback {
            return false
        }
    }

    /// Renames a file out of the way and returns its new name; nil when there is none.
    static func moveAside(_ path: String, at: Int64) throws(SystemFault) -> String? {
        guard Disk.exists(path) else { return nil }
        let aside = "\(path).refused-\(at)"
        try Disk.move(path, to: aside)
        return aside
    }

    /// As much of a name as a record holds, whole characters.
    static func cut(_ name: String) -> String {
        var kept = ""
        for character in name {
            guard kept.utf8.count + character.utf8.count <= LedgerRecord.actorMax else { break }
            kept.append(character)
        }
        return kept
    }

    /// Makes the folder of a file, with those above it in place.
    static func makeFolder(of path: String) throws(SystemFault) {
        guard let end = path.lastIndex(of: "/") else { return }
        let folder = String(path[..<end])
        if DiskWatch.may(.makeFolder(folder)), mkdir(folder, 0o700) == 0 {
            // Made by root on the command line, it must still be the daemon's.
            var status = stat()
            if geteuid() == 0, stat("\(folder)/..", &status) == 0 {
                _ = chown(folder, status.st_uid, status.st_gid)
            }
        } else if errno != EEXIST {
            throw SystemFault("mkdir \(folder)")
        }
        try Disk.flushFolder(of: folder)
    }
}
