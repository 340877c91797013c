// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// Seals whole records of our own files, the tag table and the generation ledger.
///
/// A sealed record is `nonce 24 · ciphertext · tag 16`; the nonce is random, as records are few.
/// Source: draft-irtf-cfrg-xchacha, through libsodium's combined interface.
struct RecordSealer: Sendable {
    static let overhead = Format.nonce + Format.tag

    private let key: SecretBytes

    init(_ key: SecretBytes) { self.key = key }

    /// Seals `plain` and binds it to `clear`, which the reader must know.
    func seal(_ plain: [UInt8], bound clear: [UInt8]) -> [UInt8] {
        var nonce = [UInt8](repeating: 0, count: Format.nonce)
        randombytes_buf(&nonce, Format.nonce)
        var sealed = [UInt8](repeating: 0, count: plain.count + Format.tag)
        _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
            &sealed, nil, plain, UInt64(plain.count), clear, UInt64(clear.count), nil, nonce,
            key.pointer)
        return nonce + sealed
    }

    /// Nil when the bytes are not what was sealed with `clear`.
    func open(_ sealed: ArraySlice<UInt8>, bound clear: [UInt8]) -> [UInt8]? {
        guard sealed.count >= RecordSealer.overhead else { return nil }
        let nonce = Array(sealed.prefix(Format.nonce))
        let body = Array(sealed.dropFirst(Format.nonce))
        var plain = [UInt8](repeating: 0, count: body.count - Format.tag)
        let code = crypto_aead_xchacha20poly1305_ietf_decrypt(
            &plain, nil, nil, body, UInt64(body.count), clear, UInt64(clear.count), nonce,
            key.pointer)
        return code == 0 ? plain : nil
    }
}
