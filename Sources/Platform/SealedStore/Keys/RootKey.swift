// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// The 32 random bytes that all other keys come from, with the database that they belong to.
///
/// They lie in guarded memory for as long as the object lives and leave it only wrapped.
package final class RootKey: Sendable {
    /// 16 random bytes that name the database.
    package let databaseID: [UInt8]
    /// The epoch of the data key: it grows by one with each rotation.
    package let epoch: UInt32
    let secret: SecretBytes

    init(secret: SecretBytes, databaseID: [UInt8], epoch: UInt32) {
        self.secret = secret
        self.databaseID = databaseID
        self.epoch = epoch
    }

    /// A new key for a new database.
    ///
    /// - Throws: `KeyFault.noSecureMemory`.
    package static func random() throws -> RootKey {
        let secret = try SecretBytes(count: 32) { randombytes_buf($0, 32) }
        return RootKey(secret: secret, databaseID: randomBytes(16), epoch: 1)
    }

    /// Epochs at most: a store's file names its epoch in 16 bits.
    package static let epochMax: UInt32 = 65_535

    /// A new key for the same database, of the next epoch. Nothing of it comes from this one.
    ///
    /// - Throws: `KeyFault.noMoreEpochs`, `KeyFault.noSecureMemory`.
    package func successor() throws -> RootKey {
        guard epoch < RootKey.epochMax else { throw KeyFault.noMoreEpochs }
        let secret = try SecretBytes(count: 32) { randombytes_buf($0, 32) }
        return RootKey(secret: secret, databaseID: databaseID, epoch: epoch + 1)
    }

    /// A key for one purpose of this database and epoch.
    ///
    /// - Parameter context: exactly eight ASCII characters. Source: libsodium, `crypto_kdf`.
    func subkey(_ context: StaticString) throws -> SecretBytes {
        try SecretBytes(count: 32) { out in
            // The root is bound to database and epoch first, so that two databases under one root
            // share no key.
            var name = databaseID
            withUnsafeBytes(of: epoch.littleEndian) { name.append(contentsOf: $0) }
            let base = try SecretBytes(count: 32) { base in
                crypto_generichash(base, 32, name, UInt64(name.count), secret.pointer, 32)
            }
            context.utf8Start.withMemoryRebound(to: CChar.self, capacity: 8) { context in
                _ = crypto_kdf_derive_from_key(out, 32, 1, context, base.pointer)
            }
        }
    }
}

/// `count` random bytes from the system.
func randomBytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    randombytes_buf(&bytes, count)
    return bytes
}
