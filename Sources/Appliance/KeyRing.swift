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
        do {
            if let credential {
                return try KeyFile.create(at: wrapped, slot: .machine(credential)).root
            }
            // The secret file is written first: a crash between the two leaves a file that the next
            // start takes up, never a key file that nothing opens.
            try makeSecretFile()
            return try KeyFile.create(at: wrapped, slot: .file(unattended)).root
        } catch KeyFault.exists {
            // Somebody else was first: there is one key, and it is theirs.
            return try openExisting()
        }
    }

    /// Makes the file for starts without a person, unless it is there.
    private func makeSecretFile() throws {
        do {
            try KeyFile.newSecretFile(at: unattended)
        } catch KeyFault.exists {}
    }

    /// The root key of a store that is there already, without a person: by the machine's credential,
    /// else by the file.
    ///
    /// - Throws: `KeyFault`; `.noUnattended` when a person is needed.
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
        do {
            return try file.unlock(with: .file(unattended))
        } catch KeyFault.wrongKey, KeyFault.mistyped, KeyFault.system(_, ENOENT) {
            throw KeyFault.noUnattended
        }
    }

    /// The root key of this box. Where nothing opens it without a person any more, a person does.
    ///
    /// - Parameters:
    ///   - opener: what a person brings; asked for only then.
    ///   - say: takes one line about why.
    /// - Throws: `KeyFault`.
    func open(
        with opener: () throws -> KeyFile.Opener, say: (String) -> Void
    ) throws -> RootKey {
        do {
            return try openExisting()
        } catch KeyFault.noUnattended {
            say("nothing here opens the key without a person")
            return try KeyFile.open(at: wrapped).unlock(with: opener())
        }
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
        try changing { file in
            try file.addSlot(new, root: try root(with: opener), cost: cost)
        }
    }

    /// Makes the file for starts without a person anew, where it was lost or opens nothing any more,
    /// and gives it a slot. Slots that only the lost file opened go. Returns the number of the slot.
    ///
    /// - Throws: `KeyFault.opensAlready`, `KeyFault`.
    @discardableResult
    package func addFile(with opener: KeyFile.Opener? = nil) throws -> UInt8 {
        try changing { file in
            let lost = file.slots.filter { $0.kind == .keyFile }
            guard !lost.contains(where: { opensNow($0, of: file) }) else {
                throw KeyFault.opensAlready
            }
            let root = try root(with: opener)
            if FileManager.default.fileExists(atPath: unattended) {
                try FileManager.default.removeItem(atPath: unattended)
            }
            try KeyFile.newSecretFile(at: unattended)
            let number = try file.addSlot(.file(unattended), root: root)
            for slot in lost { try file.removeSlot(slot.number, root: root) }
            return number
        }
    }

    /// Takes a way to open the store away. With the last slot of its kind the file with the key of
    /// unattended starts goes, too.
    ///
    /// - Throws: `KeyFault.noSuchSlot`, `KeyFault.lastSlot`, `KeyFault.lastUnattended`,
    ///   `KeyFault.noOtherStart`.
    package func remove(_ number: UInt8, with opener: KeyFile.Opener? = nil) throws {
        try changing { file in
            let root = try root(with: opener)
            let starts = file.slots.filter { $0.kind.isUnattended }
            let others = starts.filter { $0.number != number }
            if others.count == starts.count - 1, !others.isEmpty,
                !others.contains(where: { opensNow($0, of: file) })
            {
                throw KeyFault.noOtherStart
            }
            try file.removeSlot(number, root: root)
            // First the slot, then the file: in between it opens nothing.
            if !file.slots.contains(where: { $0.kind == .keyFile }),
                FileManager.default.fileExists(atPath: unattended)
            {
                try FileManager.default.removeItem(atPath: unattended)
            }
        }
    }

    /// Reads the key file and lets `change` change it, one command at a time.
    private func changing<T>(_ change: (inout KeyFile) throws -> T) throws -> T {
        let lock = try holdExisting()
        defer { lock.release() }
        return try KeyFile.changing(at: wrapped) {
            var file = try KeyFile.open(at: wrapped)
            return try change(&file)
        }
    }

    /// Whether a slot opens with what a start without a person would have now.
    private func opensNow(_ slot: KeySlot, of file: KeyFile) -> Bool {
        let opener: KeyFile.Opener? =
            switch slot.kind {
            case .keyFile: .file(unattended)
            case .machine: credential.map { .machine($0) }
            case .recovery, .passphrase: nil
            }
        // What cannot be read opens nothing.
        return opener.flatMap { try? file.opens(slot.number, with: $0) } ?? false
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
