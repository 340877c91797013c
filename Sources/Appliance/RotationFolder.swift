// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import SealedStore

/// Where a rotation of the key lies on the disk until its files are in their places.
///
/// Everything new is made in `rotation.draft`: store, ledger and keys. Once all of it is flushed the
/// folder is renamed to `rotation`, and that one rename decides: a draft is thrown away, a `rotation`
/// is carried to its end, by whoever looks next. Each step of the end can be repeated.
struct RotationFolder {
    let data: String

    var draft: String { "\(data)/rotation.draft" }
    private var decided: String { "\(data)/rotation" }
    /// Parts of a draft, and of what was decided.
    static let store = "/store"
    static let ledger = "/ledger/store"
    static let keyFile = "/keys/store.key"
    static let unattended = "/keys/unattended.key"
    private static let old = "/store.old"
    /// What a folder that was decided may hold.
    private static let names: Set = ["store", "ledger", "keys", "store.old"]

    /// Whether something was begun that has not come to its end.
    var isPending: Bool { isThere(draft) || isThere(decided) }

    private func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

    // MARK: Before

    /// Makes the folders of an empty draft.
    func begin() throws {
        for folder in ["", "/keys", "/ledger"] {
            guard try told({ () throws(SystemFault) in try Disk.makeFolder(draft + folder) })
            else { throw KeyFault.system("mkdir \(draft)\(folder)", EEXIST) }
        }
    }

    /// Throws a draft away; nothing of it has ever counted.
    func discard() throws { try remove(draft) }

    /// Decides: from the return of this call on only what the draft holds counts.
    func decide() throws {
        try flushAll(draft)
        try move(draft, decided)
        try flush(data)
    }

    // MARK: After

    /// Throws away what was not decided and carries to its end what was. Nobody else may work with
    /// the data folder meanwhile.
    ///
    /// - Parameter step: called before each change; for those who watch.
    /// - Throws: `RotationFault.foreign`, `KeyFault.system`; it can then be called again.
    func settle(_ step: () -> Void = {}) throws {
        if isThere(draft) {
            step()
            try remove(draft)
        }
        guard isThere(decided) else { return }
        try examine()
        let store = decided + Self.store
        if isThere(store) {
            if isThere(data + Self.store), !isThere(decided + Self.old) {
                step()
                try move(data + Self.store, decided + Self.old)
            }
            step()
            try move(store, data + Self.store)
        }
        _ = try told { () throws(SystemFault) in try Disk.makeFolder("\(data)/ledger") }
        for part in [Self.ledger, Self.unattended, Self.keyFile] where isThere(decided + part) {
            // The key file tells whether the rest belongs here, so it leaves when that has left for good.
            if part == Self.keyFile { try flushParts() }
            step()
            try move(decided + part, data + part)
        }
        try forgetUnattended(step)
        for folder in ["", "/ledger", "/keys"] { try flush(data + folder) }
        // The old files go last, when nothing depends on them any more.
        step()
        try remove(decided + Self.old)
        step()
        try remove(decided)
        try flush(data)
    }

    private func flushParts() throws {
        for folder in ["", "/ledger", "/keys"] {
            try flush(data + folder)
            if isThere(decided + folder) { try flush(decided + folder) }
        }
    }

    /// A folder of this name that does not follow from the keys that are here was put there.
    ///
    /// The key file is the last part to leave the folder. While it is not there, nothing else may be
    /// but what is to be removed.
    private func examine() throws {
        let names = try? FileManager.default.contentsOfDirectory(atPath: decided)
        guard let names, Set(names).isSubset(of: Self.names) else { throw RotationFault.foreign }
        guard isThere(decided + Self.keyFile) else {
            let others = [Self.store, Self.ledger, Self.unattended]
            guard !others.contains(where: { isThere(decided + $0) }) else {
                throw RotationFault.foreign
            }
            return
        }
        guard isThere(data + Self.keyFile) else { throw RotationFault.foreign }
        let main = "\(Self.store)/store.db"
        guard !isThere(decided + Self.store) || isThere(decided + main) else {
            throw RotationFault.foreign
        }
        let next = try KeyFile.open(at: decided + Self.keyFile)
        let now = try KeyFile.open(at: data + Self.keyFile)
        guard next.databaseID == now.databaseID, next.epoch > now.epoch,
            next.epoch - now.epoch == 1
        else { throw RotationFault.foreign }
    }

    /// The file for unattended starts goes with its slot.
    private func forgetUnattended(_ step: () -> Void) throws {
        let file = data + Self.unattended
        guard isThere(file), isThere(data + Self.keyFile),
            try !KeyFile.open(at: data + Self.keyFile).slots.contains(where: { $0.kind == .keyFile }
            )
        else { return }
        step()
        try remove(file)
    }

    // MARK: Files

    private func told<T>(_ step: () throws(SystemFault) -> T) throws(KeyFault) -> T {
        do {
            return try step()
        } catch {
            throw .system(error.call, error.number)
        }
    }

    private func move(_ from: String, _ to: String) throws {
        try told { () throws(SystemFault) in try Disk.rename(from, to: to) }
    }

    private func remove(_ path: String) throws {
        try told { () throws(SystemFault) in try Disk.removeAll(path) }
    }

    private func flush(_ path: String) throws {
        try told { () throws(SystemFault) in try Disk.flushWhole(path) }
    }

    /// Flushes a folder with all that is in it. What root made on the command line becomes the
    /// daemon's, to whom the data folder belongs.
    private func flushAll(_ folder: String) throws {
        var owner = stat()
        guard stat(data, &owner) == 0 else { throw KeyFault.system("stat \(data)", errno) }
        let inner = FileManager.default.enumerator(atPath: folder)?.allObjects ?? []
        // The deepest first, so that a folder is flushed after what is in it.
        for path in inner.compactMap({ $0 as? String }).reversed().map({ "\(folder)/\($0)" })
            + [folder]
        {
            if geteuid() == 0, lchown(path, owner.st_uid, owner.st_gid) != 0 {
                throw KeyFault.system("chown \(path)", errno)
            }
            try flush(path)
        }
    }
}
