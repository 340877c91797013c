// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CGnuTLS
import CSodium

/// The public half of a key that signs, of the two kinds that passkeys have.
package enum PublicKey: Sendable, Equatable {
    /// ECDSA over P-256 with SHA-256: both coordinates, 32 bytes each.
    case p256(x: [UInt8], y: [UInt8])
    /// Ed25519: 32 bytes.
    case ed25519([UInt8])

    /// Whether `signature` over `message` was made with the other half.
    ///
    /// P-256 (signature in DER) through GnuTLS, as libsodium has no such curve; Ed25519 (64 bytes)
    /// through libsodium. Source: RFC 8152 and WebAuthn Level 2, section 6.5.6.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch self {
        case .p256(let x, let y):
            guard x.count == 32, y.count == 32, !signature.isEmpty else { return false }
            return sluice_p256_verify(
                x, y, message, message.count, signature, signature.count) == 1
        case .ed25519(let key):
            guard key.count == Int(crypto_sign_publickeybytes()),
                signature.count == Int(crypto_sign_bytes())
            else { return false }
            return crypto_sign_verify_detached(
                signature, message, UInt64(message.count), key) == 0
        }
    }
}
