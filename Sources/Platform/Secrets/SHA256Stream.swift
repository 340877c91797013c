// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// SHA-256 over bytes that come in pieces, for what other programs compare: S3, `sha256sum`.
///
/// Source: FIPS 180-4, through libsodium's `crypto_hash_sha256`.
package struct SHA256Stream {
    private var state = crypto_hash_sha256_state()

    package init() { crypto_hash_sha256_init(&state) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        crypto_hash_sha256_update(
            &state, start.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
    }

    /// The 32 bytes of the hash of all that came so far; the stream may go on.
    package func digest() -> [UInt8] {
        var (end, output) = (state, [UInt8](repeating: 0, count: 32))
        crypto_hash_sha256_final(&end, &output)
        return output
    }
}
