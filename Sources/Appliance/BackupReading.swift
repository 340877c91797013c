// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
package import SealedStore

/// What was found of one key's part of a backup.
package struct PartFinding: Sendable, Equatable {
    /// The epoch of its key.
    package let epoch: UInt32
    /// Objects that were read, with the list and the key file.
    package let objects: Int
    /// Whether the key that was given opens it: then every page and frame of it was opened, and else
    /// the objects were only compared with the list, which nothing proves.
    package let isOpened: Bool
    /// What is wrong with it; nil when nothing is.
    package let fault: String?

    package var description: String {
        let part = "key epoch \(epoch): "
        if let fault { return part + "damaged: \(fault)" }
        return part
            + (isOpened
                ? "\(objects) objects whole, every seal opened"
                : "NOT OPENED, the key is another one; \(objects) objects are as the list names "
                    + "them, and the list is not proven")
    }
}

/// Reads all of a backup with a key that a person brings, without a daemon and without changing
/// anything: the parts that the key opens down to each page and frame, the others by their hashes.
///
/// - Parameters:
///   - target: the backup, with the parts of all keys.
///   - opener: what a person brings.
///   - progress: takes how much of the part under way is done, in percent.
/// - Returns: a finding for each part, the newest key first.
/// - Throws: `BackupFault.missing` when there is no key file at all, `KeyFault` when what was brought
///   is written wrongly or opens no part, and what the target throws.
package func readBackup(
    _ target: any BackupTarget, with opener: KeyFile.Opener,
    progress: @escaping @Sendable (Int) -> Void
) throws -> [PartFinding] {
    let folders = try BackupFolder.all(of: target)
    guard !folders.isEmpty else { throw BackupFault.missing(BackupIndex.keyFileName) }
    let scratch = NSTemporaryDirectory() + "sluice-keys-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let tried = TriedKeys(folder: scratch)
    var seals: [BackupFolder: BackupSeal] = [:]
    for folder in folders {
        guard let bytes = try target.get(folder.prefix + BackupIndex.keyFileName) else { continue }
        do {
            seals[folder] = try BackupSeal(tried.unlock(bytes, with: opener))
        } catch KeyFault.wrongKey {
            continue
        }
    }
    guard let any = seals.values.first else { throw KeyFault.wrongKey }
    return try folders.map { folder in
        let seal = seals[folder]
        do {
            let objects =
                if let seal {
                    try readOpened(KeyedTarget(target, folder), seal, progress)
                } else {
                    try ClosedPart(target, folder, of: any).check()
                }
            return PartFinding(
                epoch: folder.epoch, objects: objects, isOpened: seal != nil, fault: nil)
        } catch let fault as BackupFault where fault.isDamage {
            return PartFinding(
                epoch: folder.epoch, objects: 0, isOpened: seal != nil, fault: fault.description)
        }
    }
}

private func readOpened(
    _ part: KeyedTarget, _ seal: BackupSeal, _ progress: @escaping @Sendable (Int) -> Void
) throws -> Int {
    let restorer = Restorer(part, seal: seal) { done, total in
        progress(Int(min(100, done * 100 / max(1, total))))
    }
    return try restorer.checkAll(restorer.index(), opensSeals: true).objects
}
