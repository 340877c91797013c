// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import SealedStore

/// The key that opens a backup, and the part of the target that it opens.
///
/// A target holds a part for each key that the books had. A box that has its key uses it. On a new
/// box the parts are tried from the newest on with what a person brings.
struct BackupKey {
    let root: RootKey
    let seal: BackupSeal
    let folder: BackupFolder
    /// Whether the books of this box, which nobody set up, must make room.
    let replacesUnused: Bool
    private let wrapped: [UInt8]
    private let ring: KeyRing
    private let opener: KeyFile.Opener?
    private let scratch: TriedKeys

    /// - Parameters:
    ///   - scratch: a folder for key files while they are tried; nothing else is written.
    ///   - unused: looks at the books of this box when they are others.
    /// - Throws: `RestoreFault`, `KeyFault`, `BackupFault`.
    init(
        of target: any BackupTarget, _ request: RestoreRequest, scratch folderOfKeys: String,
        besides unused: UnusedBooks
    ) throws {
        let ring = KeyRing(data: request.data)
        self.ring = ring
        let tried = TriedKeys(folder: folderOfKeys)
        scratch = tried
        let folders = try BackupFolder.all(of: target)
        guard let newest = folders.first else {
            throw BackupFault.missing(BackupIndex.keyFileName)
        }
        if let epoch = request.epoch, !folders.contains(where: { $0.epoch == epoch }) {
            throw RestoreFault.noSuchEpoch(epoch, has: Array(Set(folders.map(\.epoch))))
        }
        let hasKey = FileManager.default.fileExists(atPath: ring.wrapped)
        // The key file of any part names the database.
        let isSame =
            try hasKey && tried.areOfOne(ring.wrapped, Self.keyFile(of: target, newest))
        if hasKey, !isSame {
            guard try unused.areHere(ring) else { throw RestoreFault.otherDatabase }
        }
        replacesUnused = hasKey && !isSame
        if isSame {
            root = try ring.open(with: request.opener, say: request.say)
            seal = try BackupSeal(root)
            folder = try BackupFolder(of: seal)
            opener = nil
            if let epoch = request.epoch, epoch != root.epoch {
                throw RestoreFault.otherEpoch(own: root.epoch, asked: epoch)
            }
            guard folders.contains(folder) else {
                throw RestoreFault.otherEpoch(own: root.epoch, asked: newest.epoch)
            }
            wrapped = try Self.keyFile(of: target, folder)
            return
        }
        let opener = try request.opener()
        var opened: [(folder: BackupFolder, root: RootKey, wrapped: [UInt8])] = []
        for folder in folders where request.epoch == nil || folder.epoch == request.epoch {
            let bytes = try Self.keyFile(of: target, folder)
            do {
                opened.append((folder, try tried.unlock(bytes, with: opener), bytes))
            } catch KeyFault.wrongKey where folders.count > 1 {
                continue
            }
        }
        guard !opened.isEmpty else { throw KeyFault.wrongKey }
        if request.epoch == nil, opened[0].folder.epoch < newest.epoch {
            throw RestoreFault.olderKey(opens: opened.map(\.folder.epoch), newest: newest.epoch)
        }
        let found = try Self.first(of: opened, reaching: request, target)
        (root, folder, wrapped) = (found.root, found.folder, found.wrapped)
        seal = try BackupSeal(root)
        self.opener = opener
    }

    /// The newest part that reaches what is asked for; the newest of all when none does.
    private static func first(
        of opened: [(folder: BackupFolder, root: RootKey, wrapped: [UInt8])],
        reaching request: RestoreRequest, _ target: any BackupTarget
    ) throws -> (folder: BackupFolder, root: RootKey, wrapped: [UInt8]) {
        guard opened.count > 1, request.goal != .latest else { return opened[0] }
        for one in opened {
            let part = KeyedTarget(target, one.folder)
            guard let index = try BackupIndex(of: part, seal: try BackupSeal(one.root)) else {
                continue
            }
            do {
                _ = try RestorePlan(index, request.goal)
                if one.folder != opened[0].folder {
                    request.say("what is asked for lies in the backup of \(one.folder)")
                }
                return one
            } catch BackupFault.outOfReach {
                continue
            }
        }
        return opened[0]
    }

    /// Runs `work`, and where it says that the backup does not reach what is asked for, looks whether
    /// the part of another key does.
    ///
    /// - Throws: `RestoreFault.elsewhere`, and what `work` throws.
    func telling<T>(
        where request: RestoreRequest, lies whole: any BackupTarget, _ work: () throws -> T
    ) throws -> T {
        do {
            return try work()
        } catch BackupFault.outOfReach(let what) {
            let others = try BackupFolder.all(of: whole).filter { other in
                try other != folder && ClosedPart(whole, other, of: seal).seemsToReach(request.goal)
            }
            guard let epoch = others.first?.epoch else { throw BackupFault.outOfReach(what) }
            throw RestoreFault.elsewhere(
                what, epoch: epoch,
                command: "sluicectl restore --from '\(request.from)' --epoch \(epoch) "
                    + "--to \(request.goal.argument)" + (opener == nil ? " --data FOLDER" : ""))
        }
    }

    private static func keyFile(
        of target: any BackupTarget, _ folder: BackupFolder
    ) throws -> [UInt8] {
        let name = folder.prefix + BackupIndex.keyFileName
        guard let bytes = try target.get(name) else { throw BackupFault.missing(name) }
        return bytes
    }

    /// Makes the keys of a box that has none, beside their place.
    func prepare() throws {
        guard let opener else { return }
        try scratch.make(wrapped, with: opener)
    }

    /// Puts what `prepare` made in its place: the folder of the keys is there whole or not.
    func adopt() throws {
        guard opener != nil else { return }
        try scratch.place(as: ring)
    }
}

/// A folder in which key files from a backup are looked at, and made into those of this box.
struct TriedKeys {
    let folder: String

    private func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let path = "\(folder)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// The root key in a key file.
    ///
    /// - Throws: `KeyFault.wrongKey` and the like.
    func unlock(_ bytes: [UInt8], with opener: KeyFile.Opener) throws -> RootKey {
        let path = try write(bytes, "tried.key")
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try KeyFile.open(at: path).unlock(with: opener)
    }

    /// Whether two key files are for one database.
    func areOfOne(_ own: String, _ bytes: [UInt8]) throws -> Bool {
        let path = try write(bytes, "compared.key")
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try KeyFile.open(at: path).databaseID == KeyFile.open(at: own).databaseID
    }

    /// Opens a key file once with what a person brings, adds a slot for unattended starts and takes
    /// the one of the old box away, which nothing here can open.
    func make(_ bytes: [UInt8], with opener: KeyFile.Opener) throws {
        let path = try write(bytes, "store.key")
        try? FileManager.default.removeItem(atPath: secret)
        var file = try KeyFile.open(at: path)
        let root = try file.unlock(with: opener)
        try KeyFile.newSecretFile(at: secret)
        let own = try file.addSlot(.file(secret), root: root)
        for slot in file.slots where slot.kind == .keyFile && slot.number != own {
            try file.removeSlot(slot.number, root: root)
        }
    }

    private var secret: String { "\(folder)/unattended.key" }

    /// Lets the folder become that of the keys.
    func place(as ring: KeyRing) throws {
        let files = FileManager.default
        guard files.fileExists(atPath: ring.folder) else {
            try Disk.rename(folder, to: ring.folder)
            return try Disk.flushWhole(ring.data)
        }
        // A folder without a key file, as an earlier program left it.
        try? files.removeItem(atPath: ring.unattended)
        try files.moveItem(atPath: secret, toPath: ring.unattended)
        try files.moveItem(atPath: "\(folder)/store.key", toPath: ring.wrapped)
    }
}
