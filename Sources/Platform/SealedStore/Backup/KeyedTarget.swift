// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The part of a target that one root key opens.
///
/// Each key has a folder of its own in a target: index, key file, snapshots and packs. The first
/// key of a database has the target itself, later ones `epoch-2-8c1f…/`. So a new key begins beside
/// what the keys before it sealed, needs to open nothing of it and changes nothing of it.
package struct KeyedTarget: BackupTarget {
    private let whole: any BackupTarget
    private let folder: BackupFolder

    package init(_ whole: any BackupTarget, _ folder: BackupFolder) {
        self.whole = whole
        self.folder = folder
    }

    package func put(_ name: String, _ bytes: [UInt8]) throws {
        try whole.put(folder.prefix + name, bytes)
    }

    package func get(_ name: String) throws -> [UInt8]? { try whole.get(folder.prefix + name) }

    package func list(_ prefix: String) throws -> [BackupObject] {
        try whole.list(folder.prefix + prefix).map {
            BackupObject(name: String($0.name.dropFirst(folder.prefix.count)), size: $0.size)
        }
    }

    package func delete(_ name: String) throws { try whole.delete(folder.prefix + name) }

    package func probe() throws { try whole.probe() }
}

/// Where in a target the objects of one root key lie.
package struct BackupFolder: Sendable, Hashable, CustomStringConvertible {
    /// The epoch of the key.
    package let epoch: UInt32
    /// Empty, or ending in a slash.
    package let prefix: String

    private static let beginning = "epoch-"
    private static let markLength = 8

    /// Of the first key.
    package static let first = BackupFolder(epoch: 1, prefix: "")

    private init(epoch: UInt32, prefix: String) {
        self.epoch = epoch
        self.prefix = prefix
    }

    /// Of the key of `seal`. Two keys of one epoch, as after a restore of older books, have two
    /// folders: the name holds a mark of the key itself.
    ///
    /// - Throws: `KeyFault.noSecureMemory`.
    package init(of seal: BackupSeal) throws {
        guard seal.epoch > 1 else {
            self = .first
            return
        }
        let mark = String(hexadecimal(try seal.mark()[...]).prefix(Self.markLength))
        self.init(epoch: seal.epoch, prefix: "\(Self.beginning)\(seal.epoch)-\(mark)/")
    }

    /// The folder that an object of this name lies in; nil when the name is none of ours.
    private init?(of name: String) {
        guard name.hasPrefix(Self.beginning), let slash = name.firstIndex(of: "/") else {
            return nil
        }
        let words = name[..<slash].split(separator: "-", omittingEmptySubsequences: false)
        guard words.count == 3, let epoch = UInt32(words[1]), epoch > 1,
            String(epoch) == words[1], words[2].utf8.count == Self.markLength
        else { return nil }
        self.init(epoch: epoch, prefix: String(name[...slash]))
    }

    package var description: String { "key epoch \(epoch)" }

    /// All folders of a target that hold a key file, newest epoch first.
    ///
    /// - Throws: `BackupFault`, or what the target throws.
    package static func all(of target: any BackupTarget) throws -> [BackupFolder] {
        var found = Set<BackupFolder>()
        if try target.get(BackupIndex.keyFileName) != nil { found.insert(.first) }
        for object in try target.list(beginning) {
            guard let folder = BackupFolder(of: object.name),
                object.name == folder.prefix + BackupIndex.keyFileName
            else { continue }
            found.insert(folder)
        }
        return found.sorted { ($0.epoch, $0.prefix) > ($1.epoch, $1.prefix) }
    }

    /// Names of all that is ours in this folder of a target.
    package func names(in target: any BackupTarget) throws -> [String] {
        let single = [BackupIndex.name, BackupIndex.keyFileName]
        let part = KeyedTarget(target, self)
        let objects = try BackupObject.folders.flatMap { try part.list($0) }.map(\.name)
        return (objects.filter(BackupObject.isOurs) + single).map { prefix + $0 }
    }
}

extension BackupSeal {
    /// Tells this key from others without saying anything about it.
    func mark() throws -> [UInt8] { try mac(of: Array("folder".utf8), epoch: epoch) }
}

extension SealedStore {
    /// The part of `target` that the key of this store opens.
    package func part(of target: any BackupTarget) throws -> any BackupTarget {
        KeyedTarget(target, try BackupFolder(of: seal))
    }

    /// The epoch of the key of this store.
    package var keyEpoch: Int64 { Int64(seal.epoch) }
}

extension ReadTransaction {
    /// The epoch of the key of the books of this transaction.
    package var keyEpoch: Int64 { Int64(connection.vault.epoch) }
}
