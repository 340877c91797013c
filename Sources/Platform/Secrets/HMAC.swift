// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// Codes that prove who wrote a message, with a key that both ends have.
///
/// HMAC-SHA-256, because scanners' firmware and browsers' WebCrypto both have it. Source: RFC 2104
/// and FIPS 198-1, through libsodium's `crypto_auth_hmacsha256`.
package enum HMAC {
    /// The 32 bytes for `message`. The key may have any length.
    package static func sha256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var state = crypto_auth_hmacsha256_state()
        var output = [UInt8](repeating: 0, count: 32)
        crypto_auth_hmacsha256_init(&state, key, key.count)
        crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        crypto_auth_hmacsha256_final(&state, &output)
        return output
    }

    /// The same of a text as 64 lower-case hexadecimal digits.
    package static func sha256(_ message: String, key: String) -> String {
        Digest.hex(sha256(Array(message.utf8), key: Array(key.utf8)))
    }
}
