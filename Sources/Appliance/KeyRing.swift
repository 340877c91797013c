// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import SealedStore

/// Where the keys of a data folder lie, and how they are made on the first start.
///
/// The root key is wrapped in `keys/store.key`. The slot for unattended starts is opened by
/// `keys/unattended.key`, a file that only the daemon may read: whoever steals the whole disk has
/// it too. A recovery slot is added by `sluicectl key add-recovery`.
struct KeyRing: Sendable {
    let folder: String

    init(data: String) { folder = "\(data)/keys" }

    /// The key file of the store.
    var wrapped: String { "\(folder)/store.key" }
    private var unattended: String { "\(folder)/unattended.key" }

    /// The root key of this folder's store, made on the first start.
    func open() throws -> RootKey {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        if !FileManager.default.fileExists(atPath: wrapped) {
            // The secret file is written first: a crash between the two leaves a file that the
            // next start takes up, never a key file that nothing opens.
            if !FileManager.default.fileExists(atPath: unattended) {
                try KeyFile.newSecretFile(at: unattended)
            }
            return try KeyFile.create(at: wrapped, slot: .file(unattended)).root
        }
        return try KeyFile.open(at: wrapped).unlock(with: .file(unattended))
    }

    /// Takes up a key file from a backup on a box that has none: opens it once with what a person
    /// brings, and adds a slot for unattended starts. The key file is there whole or not at all.
    func adopt(_ bytes: [UInt8], with opener: KeyFile.Opener) throws -> RootKey {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let draft = "\(folder)/adopted.key"
        try Data(bytes).write(to: URL(fileURLWithPath: draft))
        defer { try? FileManager.default.removeItem(atPath: draft) }
        var file = try KeyFile.open(at: draft)
        let root = try file.unlock(with: opener)
        if !FileManager.default.fileExists(atPath: unattended) {
            try KeyFile.newSecretFile(at: unattended)
        }
        // The old box's file for unattended starts is no use here; its slot may stay.
        try file.addSlot(.file(unattended), root: root)
        try FileManager.default.moveItem(atPath: draft, toPath: wrapped)
        return root
    }

    /// Whether a key file is for the database of this box.
    func isForSameDatabase(as bytes: [UInt8]) throws -> Bool {
        let draft = "\(folder)/compared.key"
        try Data(bytes).write(to: URL(fileURLWithPath: draft))
        defer { try? FileManager.default.removeItem(atPath: draft) }
        return try KeyFile.open(at: draft).databaseID == KeyFile.open(at: wrapped).databaseID
    }

    /// Adds a recovery slot and returns its text, which is shown once and kept nowhere.
    func addRecovery() throws -> String {
        var file = try KeyFile.open(at: wrapped)
        let root = try file.unlock(with: .file(unattended))
        let text = try KeyFile.newRecoveryText()
        try file.addSlot(.recovery(text), root: root)
        return text
    }

    /// The kinds of the slots that there are.
    func slots() throws -> [String] {
        try KeyFile.open(at: wrapped).slots.map { "\($0.number) \($0.kind)" }
    }
}

/// The ways in which the store of a data folder can be opened, for the command line.
package func keySlots(data: String) throws -> [String] { try KeyRing(data: data).slots() }

/// Adds a recovery key to the store of a data folder and returns it, to be shown once.
package func addRecoveryKey(data: String) throws -> String {
    try KeyRing(data: data).addRecovery()
}
