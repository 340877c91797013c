// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Access
import Foundation
import Glibc
import Journal
import Kernel
package import SealedStore
import Trust

/// Why the key was not rotated. Nothing was changed then.
package enum RotationFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The daemon or another command works with the data folder.
    case inUse
    /// A rotation runs, and nobody else may work with the data folder.
    case underWay
    /// There are no books whose key could be rotated.
    case noStore
    /// A restore was neither kept nor taken back; the books from before it are sealed with the same
    /// key.
    case undecidedRestore
    /// Practice books are open; they are sealed with the same key.
    case practice
    /// There is not enough room for the copy, in bytes.
    case noRoom(needed: Int, free: Int)
    /// The copy does not hold what the books hold; what differs.
    case copyDiffers(String)
    /// The folder `rotation` does not follow from the keys that are here.
    case foreign

    package var description: String {
        switch self {
        case .inUse:
            "the books are in use: stop the daemon (systemctl stop sluiced), then try again"
        case .underWay: "the key is being rotated by another command; wait until it is done"
        case .noStore: "there are no books here whose key could be rotated"
        case .undecidedRestore:
            "a restore is not decided, and the old books would be lost with the old key: decide it "
                + "first, sluicectl restore --commit or --abandon"
        case .practice:
            "practice books are open; start the daemon, close them (sluicectl demo clear), stop it"
        case .noRoom(let needed, let free):
            "the copy needs \(needed >> 20) MiB on the disk and \(free >> 20) MiB are free"
        case .copyDiffers(let what):
            "the copy does not hold what the books hold (\(what)); nothing was changed"
        case .foreign:
            """
            the folder "rotation" does not belong to the keys that are here: somebody put it, or \
            the keys, there. Put the whole data folder back from one and the same copy
            """
        }
    }
}

/// What a rotation is at.
package struct RotationProgress: Sendable, Equatable {
    package enum Stage: String, Sendable, CaseIterable {
        /// Pages are sealed under the new key.
        case copying
        /// All rows of the books are read.
        case reading
        /// Pages and indexes, journal and balances of the copy are looked at.
        case checking
        /// All rows of the copy are read and compared.
        case comparing
        /// The new files take their places.
        case settling
    }

    package let stage: Stage
    /// How much of the stage is done; nil when nobody can tell.
    package let percent: Int?
}

/// What came of a rotation.
package struct RotationOutcome: Sendable {
    /// The new epoch.
    package let epoch: UInt32
    /// Ways to open the store that are left, by their numbers.
    package let slots: [UInt8]
}

extension KeyRing {
    /// Room for what the copy has beside its pages.
    private static let spare = 64 << 20

    /// Seals the books under a new root key, wraps it in every slot that is kept, and puts books,
    /// ledger and keys in the place of the old ones in one step. The old root opens nothing of it.
    ///
    /// - Parameters:
    ///   - given: what opens each slot, by its number; not needed for unattended ones.
    ///   - dropping: slots that are not to open the new key.
    ///   - spool: folder of captured commits; nil for the usual one.
    ///   - lastRound: brings what was captured under the old key to the targets, while the old
    ///     key is there: the new one cannot add to a chain that it does not open.
    ///   - actor: who asks for it, for the journal.
    ///   - progress: called often, on this thread.
    /// - Throws: `RotationFault`, `KeyFault`, `StoreFault`. Before the decision nothing is changed;
    ///   after it the next command or start carries the rotation to its end.
    package func rotate(
        given: [UInt8: KeyFile.Opener], dropping: Set<UInt8> = [], spool: String? = nil,
        lastRound: (SealedStore) -> Void = { _ in }, by actor: String,
        progress: (RotationProgress) -> Void = { _ in }
    ) throws -> RotationOutcome {
        let files = FileManager.default
        guard files.fileExists(atPath: folder) else { throw RotationFault.noStore }
        let lock = try KeyLock(folder, alone: true)
        defer { lock.release() }
        let place = RotationFolder(data: data)
        // One before this may have been interrupted.
        try place.settle()
        guard files.fileExists(atPath: "\(data)/store/store.db"), files.fileExists(atPath: wrapped)
        else { throw RotationFault.noStore }
        guard !StoreSwap(data: data).isOpen else { throw RotationFault.undecidedRestore }
        try clearPractice()
        do {
            let keys = try renewKeys(in: place, given, dropping)
            let commit = try [
                closeChain(keys, spool ?? "\(data)/spool", lastRound),
                // A chain that was to begin and never did is still to begin.
                StoreChain.beginning(inFolder: "\(data)/store"),
            ].compactMap { $0 }.max()
            try copyBooks(keys, place, progress)
            if let commit {
                try StoreChain.begin(inFolder: place.draft + RotationFolder.store, after: commit)
            }
            try finishCopy(keys, place, actor, dropping, progress)
        } catch {
            try? place.discard()
            throw error
        }
        try place.decide()
        func tell() { progress(RotationProgress(stage: .settling, percent: nil)) }
        tell()
        try place.settle(tell)
        let file = try KeyFile.open(at: wrapped)
        return RotationOutcome(epoch: file.epoch, slots: file.slots.map(\.number))
    }

    private struct Keys {
        let old: RootKey
        let new: RootKey
    }

    /// Copies of the books that nobody needs any more go; open ones are somebody's work.
    private func clearPractice() throws {
        let files = FileManager.default
        let left = "\(data)/practice.left"
        let isLeft = files.fileExists(atPath: left)
        guard isLeft || !files.fileExists(atPath: "\(data)/practice") else {
            throw RotationFault.practice
        }
        for name in ["practice.draft", "practice", "ledger/practice", "practice.left"]
        where files.fileExists(atPath: "\(data)/\(name)") {
            try files.removeItem(atPath: "\(data)/\(name)")
        }
    }

    /// Makes the new root and the key file of the draft, and opens each slot of it once.
    private func renewKeys(
        in place: RotationFolder, _ given: [UInt8: KeyFile.Opener], _ dropping: Set<UInt8>
    ) throws -> Keys {
        let file = try KeyFile.open(at: wrapped)
        var openers = given
        for slot in file.slots where openers[slot.number] == nil {
            switch slot.kind {
            case .keyFile: openers[slot.number] = .file(unattended)
            case .machine: openers[slot.number] = credentialPath.map { .machine($0) }
            case .recovery, .passphrase: break
            }
        }
        guard let old = try root(of: file, openers) else { throw KeyFault.wrongKey }
        try place.begin()
        var renewed: [UInt8: KeyFile.Opener] = [:]
        let kept = file.slots.filter { !dropping.contains($0.number) }
        if kept.contains(where: { $0.kind == .keyFile }) {
            let secret = place.draft + RotationFolder.unattended
            try KeyFile.newSecretFile(at: secret)
            for slot in kept where slot.kind == .keyFile { renewed[slot.number] = .file(secret) }
        }
        let path = place.draft + RotationFolder.keyFile
        var new = try old.successor()
        _ = try file.rewrapped(
            at: path, for: new, openers: openers, renewed: renewed, dropping: dropping)
        for slot in kept {
            guard let opener = renewed[slot.number] ?? openers[slot.number] else { continue }
            // From here on the root is the one that the file gives.
            new = try KeyFile.open(at: path).unlock(with: opener)
        }
        return Keys(old: old, new: new)
    }

    private func root(of file: KeyFile, _ openers: [UInt8: KeyFile.Opener]) throws -> RootKey? {
        var first: (any Error)?
        for (_, opener) in openers.sorted(by: { $0.key < $1.key }) {
            do {
                return try file.unlock(with: opener)
            } catch KeyFault.wrongKey {
                continue
            } catch {
                // A file that is lost matters only when nothing else opens.
                first = first ?? error
            }
        }
        if let first { throw first }
        return nil
    }

    /// Captures what the log still holds and lets it be brought to the targets. Returns the number
    /// of the last commit that was captured; nil where nothing is captured.
    private func closeChain(
        _ keys: Keys, _ spool: String, _ lastRound: (SealedStore) -> Void
    ) throws -> Int64? {
        guard FileManager.default.fileExists(atPath: spool) else { return nil }
        let store = try Self.open(
            "\(data)/store", keys.old,
            backup: BackupPlan(spool: spool, keyFile: wrapped))
        defer { store.close() }
        lastRound(store)
        // A spool that is full or broken is no reason to keep a key that somebody may have.
        try? store.captureNow()
        return store.spoolStatus.commit
    }

    /// Opens the books as the daemon would, reads them, closes them and copies them.
    private func copyBooks(
        _ keys: Keys, _ place: RotationFolder, _ progress: (RotationProgress) -> Void
    ) throws {
        let size = try FileManager.default.attributesOfItem(atPath: "\(data)/store/store.db")
        let log = try? FileManager.default.attributesOfItem(atPath: "\(data)/store/store.db-wal")
        let needed =
            (size[.size] as? Int ?? 0) + (log?[.size] as? Int ?? 0) + Self.spare
        var room = statvfs()
        if statvfs(data, &room) == 0 {
            let free = Int(clamping: UInt64(room.f_bavail)) &* Int(clamping: UInt64(room.f_frsize))
            guard free >= needed else { throw RotationFault.noRoom(needed: needed, free: free) }
        }
        let store = try Self.open("\(data)/store", keys.old)
        do {
            try tellAcceptances(of: store)
        } catch {
            store.close()
            throw error
        }
        store.close()
        try SealedStore.reseal(
            folder: "\(data)/store", key: keys.old, to: place.draft + RotationFolder.store,
            ledger: place.draft + RotationFolder.ledger, newKey: keys.new
        ) { done, all in
            progress(RotationProgress(stage: .copying, percent: done * 100 / max(1, all)))
        }
    }

    /// Compares the copy with the books, writes into it who made it, and looks at all of it.
    private func finishCopy(
        _ keys: Keys, _ place: RotationFolder, _ actor: String, _ dropping: Set<UInt8>,
        _ progress: (RotationProgress) -> Void
    ) throws {
        func tell(_ stage: RotationProgress.Stage, _ done: Int, _ all: Int) {
            progress(RotationProgress(stage: stage, percent: done * 100 / max(1, all)))
        }
        let books = try Self.open("\(data)/store", keys.old)
        defer { books.close() }
        let expected = try books.tableHashes { tell(.reading, $0, $1) }
        let copy = try Self.open(
            place.draft + RotationFolder.store, keys.new,
            ledger: place.draft + RotationFolder.ledger)
        defer { copy.close() }
        let found = try copy.tableHashes { tell(.comparing, $0, $1) }
        guard found == expected else {
            let other = zip(found, expected).first { $0 != $1 }?.0.table
            throw RotationFault.copyDiffers(other ?? "tables")
        }
        try tellRotation(keys, actor, dropping, copy)
        // Not before: the chain's keys open only now.
        try examine(copy, progress)
        copy.close()
        // Half a copy back is no harm, a flush that failed is.
        guard !copy.health.isFenced else { throw StoreFault.fenced }
    }

    private func examine(
        _ copy: SealedStore, _ progress: (RotationProgress) -> Void
    ) throws {
        progress(RotationProgress(stage: .checking, percent: nil))
        let verdict = try verify(copy)
        if let check = verdict.checks.first(where: { !$0.ok }) {
            throw RotationFault.copyDiffers(check.difference ?? check.name)
        }
    }

    private func tellRotation(
        _ keys: Keys, _ actor: String, _ dropping: Set<UInt8>, _ copy: SealedStore
    ) throws {
        let epochs = (Int64(keys.old.epoch), Int64(keys.new.epoch))
        let dropped = dropping.sorted().map(String.init).joined(separator: " ")
        let old = try FieldSealer(keys.old)
        try copy.write { tx in
            // Fields that are sealed a second time were copied as they lie.
            _ = try resealSeeds(from: old, in: tx)
            try resealDeviceKeys(from: old, in: tx)
            try resealMessaging(from: old, in: tx)
            try resealTrustKeys(from: old, in: tx)
            try tx.resealJournalKeys(from: old)
            try tx.tell(
                SystemEvent.keyRotated, about: "key-epoch-\(epochs.1)",
                [
                    "by": .text(actor), "from": .integer(epochs.0), "to": .integer(epochs.1),
                    "dropped": .text(dropped),
                ], by: .system("rotation"))
        }
    }

    private static func open(
        _ folder: String, _ key: RootKey, ledger: String? = nil, backup: BackupPlan? = nil
    ) throws -> SealedStore {
        try SealedStore.open(
            folder: folder, key: key, schemas: allSchemas(allModules().modules),
            clock: systemClock, readers: 1, ledger: ledger, backup: backup)
    }
}
