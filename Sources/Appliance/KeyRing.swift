// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
package import SealedStore

/// Where the keys of a data folder lie, and how they are made on the first start.
///
/// The root key is wrapped in `keys/store.key`. Two kinds of slot open it without a person: a
/// credential that the service manager hands over (`sluice-key`, sealed by TPM or host key), and
/// else `keys/unattended.key`, a file that only the daemon may read: whoever steals the whole disk
/// has it too.
package struct KeyRing: Sendable {
    /// Name of the credential, as in `LoadCredentialEncrypted=sluice-key:…`.
    package static let credentialName = "sluice-key"

    let data: String
    let folder: String
    private let credential: String?

    /// Path of the machine's credential; nil when the service manager hands none over.
    package var credentialPath: String? { credential }

    /// - Parameter credential: path of the machine's credential; nil looks for the one that the
    ///   service manager handed to this process.
    package init(data: String, credential: String? = nil) {
        self.data = data
        folder = "\(data)/keys"
        self.credential = credential ?? Self.handedOver
    }

    private static var handedOver: String? {
        getenv("CREDENTIALS_DIRECTORY").map { "\(String(cString: $0))/\(credentialName)" }
            .flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
    }

    /// The key file of the store.
    var wrapped: String { "\(folder)/store.key" }
    var unattended: String { "\(folder)/unattended.key" }

    /// Finishes or undoes a rotation of the key that was interrupted.
    ///
    /// - Parameter step: called before each change of a file.
    /// - Throws: `RotationFault.inUse` while one runs, `RotationFault.foreign`, `KeyFault`.
    package func settle(_ step: () -> Void = {}) throws {
        let place = RotationFolder(data: data)
        guard place.isPending else { return }
        let lock = try KeyLock(folder, alone: true)
        defer { lock.release() }
        try place.settle(step)
    }

    /// Keeps rotations of the key away for as long as the lock lives, with nothing left of one that
    /// was interrupted. Makes the folder of the keys when it is missing.
    ///
    /// - Throws: as `settle`, and `RotationFault.underWay`.
    func hold() throws -> KeyLock {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try settle()
        let lock = try KeyLock(folder, alone: false)
        guard !RotationFolder(data: data).isPending else { throw RotationFault.underWay }
        return lock
    }

    /// The root key of this folder's store, made on the first start.
    func open() throws -> RootKey {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try settle()
        guard !FileManager.default.fileExists(atPath: wrapped) else { return try openExisting() }
        if let credential {
            return try KeyFile.create(at: wrapped, slot: .machine(credential)).root
        }
        // The secret file is written first: a crash between the two leaves a file that the next
        // start takes up, never a key file that nothing opens.
        if !FileManager.default.fileExists(atPath: unattended) {
            try KeyFile.newSecretFile(at: unattended)
        }
        return try KeyFile.create(at: wrapped, slot: .file(unattended)).root
    }

    /// The root key of a store that is there already, without a person: by the machine's credential,
    /// else by the file.
    ///
    /// - Throws: `KeyFault`.
    func openExisting() throws -> RootKey {
        try settle()
        let file = try KeyFile.open(at: wrapped)
        if let credential, file.slots.contains(where: { $0.kind == .machine }) {
            do {
                return try file.unlock(with: .machine(credential))
            } catch KeyFault.wrongKey where file.slots.contains(where: { $0.kind == .keyFile }) {
                Log.write(.warning, "the machine's credential does not open the store")
            }
        }
        return try file.unlock(with: .file(unattended))
    }

    // MARK: For the command line

    /// The ways in which the store can be opened.
    package func slots() throws -> [KeySlot] { try KeyFile.open(at: wrapped).slots }

    /// A recovery key that opens nothing yet; `add` makes it one that does.
    package func newRecovery() throws -> String { try KeyFile.newRecoveryText() }

    /// Adds a way to open the store. Returns the number of its slot.
    ///
    /// - Parameter opener: what opens the store now; nil for what opens it without a person.
    /// - Throws: `KeyFault`.
    @discardableResult
    package func add(
        _ new: KeyFile.Opener, with opener: KeyFile.Opener? = nil,
        cost: PassphraseCost = .usual
    ) throws -> UInt8 {
        let lock = try holdExisting()
        defer { lock.release() }
        var file = try KeyFile.open(at: wrapped)
        return try file.addSlot(new, root: try root(with: opener), cost: cost)
    }

    /// Takes a way to open the store away. With the last slot of its kind the file with the key of
    /// unattended starts goes, too.
    ///
    /// - Throws: `KeyFault.noSuchSlot`, `KeyFault.lastSlot`, `KeyFault.lastUnattended`.
    package func remove(_ number: UInt8, with opener: KeyFile.Opener? = nil) throws {
        let lock = try holdExisting()
        defer { lock.release() }
        var file = try KeyFile.open(at: wrapped)
        try file.removeSlot(number, root: try root(with: opener))
        // First the slot, then the file: in between it opens nothing.
        if !file.slots.contains(where: { $0.kind == .keyFile }),
            FileManager.default.fileExists(atPath: unattended)
        {
            try FileManager.default.removeItem(atPath: unattended)
        }
    }

    /// Like `hold`, where there are keys; makes nothing.
    func holdExisting() throws -> KeyLock {
        guard FileManager.default.fileExists(atPath: folder) else {
            throw KeyFault.system("open \(wrapped)", ENOENT)
        }
        return try hold()
    }

    private func root(with opener: KeyFile.Opener?) throws -> RootKey {
        guard let opener else { return try openExisting() }
        return try KeyFile.open(at: wrapped).unlock(with: opener)
    }
}
