// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// A key that hashes are made with, in guarded memory: without it nobody makes a hash that fits.
package final class ChainKey: Sendable {
    private let secret: SecretBytes

    fileprivate init(_ bytes: [UInt8]) throws {
        secret = try SecretBytes(count: 32) { $0.update(from: bytes, count: 32) }
    }

    /// The keyed BLAKE2b-256 of `bytes`. Source: RFC 7693, 2.9, through `crypto_generichash`.
    package func hash(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 32)
        _ = crypto_generichash(
            &output, 32, bytes, UInt64(bytes.count), secret.pointer, secret.count)
        return output
    }
}

/// A key that signs what leaves the box, so that anybody with its public half can check it.
/// Ed25519 (RFC 8032) through libsodium.
package final class SigningKey: Sendable {
    private let secret: SecretBytes
    /// 32 bytes, for everybody.
    package let publicKey: [UInt8]

    fileprivate init(seed: [UInt8]) throws {
        var open = [UInt8](repeating: 0, count: Int(crypto_sign_publickeybytes()))
        secret = try SecretBytes(count: Int(crypto_sign_secretkeybytes())) {
            _ = crypto_sign_seed_keypair(&open, $0, seed)
        }
        publicKey = open
    }

    /// 64 bytes that only this key makes of `bytes`.
    package func sign(_ bytes: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Int(crypto_sign_bytes()))
        _ = crypto_sign_detached(&signature, nil, bytes, UInt64(bytes.count), secret.pointer)
        return signature
    }
}

extension FieldSealer {
    private static let keyLength = 32

    /// A new random key, sealed for `place`.
    package func newKey(for place: String) -> [UInt8] {
        var bytes = randomBytes(Self.keyLength)
        defer { sodium_memzero(&bytes, bytes.count) }
        return seal(bytes, for: place)
    }

    /// The key that was sealed for `place`.
    ///
    /// - Throws: `StoreFault.fieldUnreadable`, `KeyFault.noSecureMemory`.
    package func chainKey(_ sealed: [UInt8], for place: String) throws -> ChainKey {
        try opened(sealed, for: place) { try ChainKey($0) }
    }

    /// The signing key whose seed was sealed for `place`.
    ///
    /// - Throws: as `chainKey`.
    package func signingKey(_ sealed: [UInt8], for place: String) throws -> SigningKey {
        try opened(sealed, for: place) { try SigningKey(seed: $0) }
    }

    /// Seals anew what another sealer, of the root key before, sealed for `place`.
    package func reseal(
        _ sealed: [UInt8], from old: FieldSealer, for place: String
    ) throws -> [UInt8] {
        var plain = try old.open(sealed, for: place)
        defer { sodium_memzero(&plain, plain.count) }
        return seal(plain, for: place)
    }

    private func opened<T>(
        _ sealed: [UInt8], for place: String, _ make: ([UInt8]) throws -> T
    ) throws -> T {
        var plain = try open(sealed, for: place)
        defer { sodium_memzero(&plain, plain.count) }
        guard plain.count == Self.keyLength else {
            throw StoreFault.fieldUnreadable(place: place)
        }
        return try make(plain)
    }
}
