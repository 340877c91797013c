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
    private let wrapped: [UInt8]
    private let ring: KeyRing
    private let opener: KeyFile.Opener?

    /// - Throws: `RestoreFault`, `KeyFault`, `BackupFault`.
    init(of target: any BackupTarget, _ request: RestoreRequest) throws {
        ring = KeyRing(data: request.data)
        let folders = try BackupFolder.all(of: target)
        guard let newest = folders.first else {
            throw BackupFault.missing(BackupIndex.keyFileName)
        }
        if let epoch = request.epoch, !folders.contains(where: { $0.epoch == epoch }) {
            throw RestoreFault.noSuchEpoch(epoch, has: Array(Set(folders.map(\.epoch))))
        }
        if FileManager.default.fileExists(atPath: ring.wrapped) {
            root = try Self.ownRoot(ring, request)
            seal = try BackupSeal(root)
            folder = try BackupFolder(of: seal)
            opener = nil
            if let epoch = request.epoch, epoch != root.epoch {
                throw RestoreFault.otherEpoch(own: root.epoch, asked: epoch)
            }
            // The key file of any part names the database.
            let there = folders.contains(folder) ? folder : newest
            wrapped = try Self.keyFile(of: target, there)
            guard try ring.isForSameDatabase(as: wrapped) else { throw RestoreFault.otherDatabase }
            guard there == folder else {
                throw RestoreFault.otherEpoch(own: root.epoch, asked: newest.epoch)
            }
            return
        }
        let opener = try request.opener()
        var opened: [(folder: BackupFolder, root: RootKey, wrapped: [UInt8])] = []
        for folder in folders where request.epoch == nil || folder.epoch == request.epoch {
            let bytes = try Self.keyFile(of: target, folder)
            do {
                opened.append((folder, try ring.unlock(bytes, with: opener), bytes))
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

    /// The key of this box. Where nothing opens it without a person any more, a person does.
    private static func ownRoot(_ ring: KeyRing, _ request: RestoreRequest) throws -> RootKey {
        do {
            return try ring.open()
        } catch KeyFault.noUnattended {
            request.say("nothing here opens the key without a person")
            return try KeyFile.open(at: ring.wrapped).unlock(with: request.opener())
        }
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

    private static func keyFile(
        of target: any BackupTarget, _ folder: BackupFolder
    ) throws -> [UInt8] {
        let name = folder.prefix + BackupIndex.keyFileName
        guard let bytes = try target.get(name) else { throw BackupFault.missing(name) }
        return bytes
    }

    /// Takes the key file up on a box that has none.
    func adopt() throws {
        guard let opener else { return }
        _ = try ring.adopt(wrapped, with: opener)
    }
}
