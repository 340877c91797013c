// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// One way to the root key: who may open it, and the root sealed under what they bring.
package struct KeySlot: Sendable, Equatable {
    /// What opens a slot. The numbers are part of the file's format.
    package enum Kind: UInt8, Sendable, CaseIterable {
        /// A 256-bit key that the operator keeps on paper.
        case recovery = 1
        case passphrase = 2
        /// A 32-byte key in another file, for a start without a person.
        case keyFile = 3
        /// A credential of the machine (TPM or host key).
        case machine = 4

        /// Whether it opens the store without a person.
        package var isUnattended: Bool {
            switch self {
            case .keyFile, .machine: true
            case .recovery, .passphrase: false
            }
        }
    }

    /// From 1; never used again in the same file.
    package let number: UInt8
    package let kind: Kind
    let salt: [UInt8]
    let operations: UInt64
    let memory: UInt64
    let commitment: [UInt8]
    let nonce: [UInt8]
    /// The root and its tag.
    let wrapped: [UInt8]

    static let size = 160
    private static let saltSize = 16
    private static let commitmentSize = 32
    private static let wrappedSize = 48

    /// Bytes of one slot: kind 1 · number 1 · zero 6 · operations 8 · memory 8 · salt 16 ·
    /// commitment 32 · nonce 24 · wrapped root and tag 48 · zero 16. Numbers are little-endian.
    var bytes: [UInt8] {
        var out: [UInt8] = [kind.rawValue, number, 0, 0, 0, 0, 0, 0]
        withUnsafeBytes(of: operations.littleEndian) { out.append(contentsOf: $0) }
        withUnsafeBytes(of: memory.littleEndian) { out.append(contentsOf: $0) }
        out += salt + commitment + nonce + wrapped
        return out + [UInt8](repeating: 0, count: KeySlot.size - out.count)
    }

    /// Nil for bytes that are no slot of a known kind.
    init?(bytes: ArraySlice<UInt8>) {
        var rest = bytes
        guard bytes.count == KeySlot.size, let kind = Kind(rawValue: rest.removeFirst()) else {
            return nil
        }
        self.kind = kind
        number = rest.removeFirst()
        rest.removeFirst(6)
        operations = littleEndian(rest.prefix(8))
        memory = littleEndian(rest.dropFirst(8).prefix(8))
        rest.removeFirst(16)
        func take(_ count: Int) -> [UInt8] {
            defer { rest.removeFirst(count) }
            return Array(rest.prefix(count))
        }
        salt = take(KeySlot.saltSize)
        commitment = take(KeySlot.commitmentSize)
        nonce = take(Format.nonce)
        wrapped = take(KeySlot.wrappedSize)
    }

    /// Seals the root under what `opener` brings.
    init(number: UInt8, root: RootKey, opener: KeyFile.Opener, cost: PassphraseCost) throws {
        self.number = number
        kind = opener.kind
        salt = randomBytes(KeySlot.saltSize)
        nonce = randomBytes(Format.nonce)
        operations = kind == .passphrase ? cost.operations : 0
        memory = kind == .passphrase ? cost.memory : 0
        let key = try KeySlot.key(opener, salt: salt, operations: operations, memory: memory)
        commitment = KeySlot.commitment(key)
        var sealed = [UInt8](repeating: 0, count: KeySlot.wrappedSize)
        let bound = KeySlot.bound(root.databaseID, root.epoch, kind, number)
        _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
            &sealed, nil, root.secret.pointer, 32, bound, UInt64(bound.count), nil, nonce,
            key.pointer + 32)
        wrapped = sealed
    }

    /// The root, or nil when this is not the key of the slot.
    ///
    /// - Throws: `KeyFault.tampered` when the key fits and the wrapped root does not.
    func open(_ opener: KeyFile.Opener, databaseID: [UInt8], epoch: UInt32) throws -> SecretBytes? {
        guard opener.kind == kind else { return nil }
        // A slot that was changed must not make us spend all memory before its key is checked.
        guard memory <= PassphraseCost.ceiling.memory,
            operations <= PassphraseCost.ceiling.operations
        else { throw KeyFault.tampered }
        let key = try KeySlot.key(opener, salt: salt, operations: operations, memory: memory)
        guard sodium_memcmp(KeySlot.commitment(key), commitment, commitment.count) == 0 else {
            return nil
        }
        let bound = KeySlot.bound(databaseID, epoch, kind, number)
        return try SecretBytes(count: 32) { out in
            let opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
                out, nil, nil, wrapped, UInt64(wrapped.count), bound, UInt64(bound.count), nonce,
                key.pointer + 32)
            guard opened == 0 else { throw KeyFault.tampered }
        }
    }

    private static func bound(
        _ databaseID: [UInt8], _ epoch: UInt32, _ kind: Kind, _ number: UInt8
    ) -> [UInt8] {
        var bound = Array("sluice slot".utf8) + databaseID + [kind.rawValue, number]
        withUnsafeBytes(of: epoch.littleEndian) { bound.append(contentsOf: $0) }
        return bound
    }

    /// 64 bytes: 32 that the commitment is made of, 32 that wrap the root.
    private static func key(
        _ opener: KeyFile.Opener, salt: [UInt8], operations: UInt64, memory: UInt64
    ) throws -> SecretBytes {
        let base = try opener.secret(salt: salt, operations: operations, memory: memory)
        return try SecretBytes(count: 64) { out in
            guard
                crypto_generichash(out, 64, salt, UInt64(salt.count), base.pointer, base.count)
                    == 0
            else { throw KeyFault.mistyped }
        }
    }

    /// Binds the slot to one key: AEAD alone would let one ciphertext open under two.
    private static func commitment(_ key: SecretBytes) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: commitmentSize)
        let name = Array("sluice slot commitment".utf8)
        crypto_generichash(&out, commitmentSize, name, UInt64(name.count), key.pointer, 32)
        return out
    }
}

/// What a passphrase costs to try, as Argon2id counts it: passes and bytes of memory.
package struct PassphraseCost: Sendable, Equatable {
    package let operations: UInt64
    package let memory: UInt64

    /// About half a second and 256 MiB: a start with a passphrase is rare.
    package static let usual = PassphraseCost(operations: 3, memory: 256 << 20)
    /// For tests and small machines.
    package static let least = PassphraseCost(operations: 1, memory: 8 << 20)
    /// More than this is no slot of ours.
    static let ceiling = PassphraseCost(operations: 64, memory: 4 << 30)
}

func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
