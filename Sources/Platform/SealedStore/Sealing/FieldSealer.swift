// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Seals single fields a second time, below the pages: what must stay closed even to whoever can
/// read rows, such as the seeds of one-time codes.
///
/// The key comes from the root key and is changed with it: `sluicectl key rotate` seals such fields
/// anew. XChaCha20-Poly1305 with a random nonce, bound to the purpose and the row.
package struct FieldSealer: Sendable {
    private let sealer: RecordSealer

    /// - Throws: `KeyFault.noSecureMemory`.
    package init(_ key: RootKey) throws {
        sealer = RecordSealer(try key.subkey("sl.field"))
    }

    /// - Parameter place: table, column and row: a sealed field opens nowhere else.
    package func seal(_ plain: [UInt8], for place: String) -> [UInt8] {
        sealer.seal(plain, bound: Array(place.utf8))
    }

    /// The field of that place.
    ///
    /// - Throws: `StoreFault.fieldUnreadable` when it is not what was sealed there.
    package func open(_ sealed: [UInt8], for place: String) throws -> [UInt8] {
        guard let plain = sealer.open(sealed[...], bound: Array(place.utf8)) else {
            throw StoreFault.fieldUnreadable(place: place)
        }
        return plain
    }
}

extension ReadTransaction {
    /// What seals single fields of this store a second time.
    package var fields: FieldSealer { connection.vault.fields }
}
