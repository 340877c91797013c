// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A part of a target whose key is not at hand, such as that of a key before the present one.
///
/// Lists and manifests are authenticated, not hidden. So without the key it can be looked whether
/// every object is the one that the list names; whether the list is the one that was written is known
/// to whoever kept its hash. What nobody without the key can tell is whether the seals open.
package struct ClosedPart: Sendable {
    private let whole: any BackupTarget
    package let folder: BackupFolder
    private let databaseID: [UInt8]

    /// - Parameter seal: of any key of the database.
    package init(_ whole: any BackupTarget, _ folder: BackupFolder, of seal: BackupSeal) {
        self.whole = whole
        self.folder = folder
        databaseID = seal.databaseID
    }

    /// The list of this part as it is kept, and its hash.
    ///
    /// - Throws: `BackupFault`; `.missing` when there is none, `.otherDatabase`.
    private func list() throws -> (index: BackupIndex, hash: [UInt8]) {
        let name = folder.prefix + BackupIndex.name
        guard let bytes = try whole.get(name) else { throw BackupFault.missing(name) }
        let found = try BackupIndex.unproven(bytes) { try fetch($0.name, $0.hash) }
        guard found.databaseID == databaseID else { throw BackupFault.otherDatabase(name) }
        guard found.epoch == folder.epoch else { throw BackupFault.altered(name) }
        return (found.index, BackupSeal.hash(bytes[...]))
    }

    /// The hash of the list as it is kept.
    ///
    /// - Throws: `BackupFault`, or what the target throws.
    package func indexHash() throws -> [UInt8] { try list().hash }

    /// Whether the list names what brings `goal` back. A hint only: the list is not authenticated.
    ///
    /// - Throws: what the target throws. A list that cannot be read reaches nothing.
    package func seemsToReach(_ goal: RestoreGoal) throws -> Bool {
        do {
            _ = try RestorePlan(list().index, goal)
            return true
        } catch is BackupFault {
            return false
        } catch is PlanFault {
            return false
        }
    }

    /// Reads every object that the list names and compares its hash. Returns how many there are, with
    /// list and key file.
    ///
    /// - Throws: `BackupFault`, with the full name of the object; what the target throws.
    package func check() throws -> Int {
        let index = try list().index
        var objects = 2
        _ = try fetch(BackupIndex.keyFileName, index.keysHash)
        for entry in index.snapshots {
            let name = folder.prefix + entry.manifest
            let bytes = try fetch(entry.manifest, entry.hash)
            let snapshot = try Snapshot.unproven(bytes, name: name)
            guard BackupIndex.Entry(snapshot, manifestHash: entry.hash) == entry else {
                throw BackupFault.altered(name)
            }
            for (number, hash) in snapshot.parts.enumerated() {
                _ = try fetch(snapshot.partName(number), hash)
            }
            objects += 1 + snapshot.parts.count
        }
        for pack in index.packs { _ = try fetch(pack.name, pack.hash) }
        // The lists were read with the index.
        return objects + index.packs.count + index.lists.count
    }

    private func fetch(_ name: String, _ hash: [UInt8]) throws -> [UInt8] {
        try whole.fetch(folder.prefix + name, hash: hash)
    }
}
