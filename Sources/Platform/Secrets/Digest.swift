// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// Hashes of bytes, for chains, tags and look-ups of secrets: BLAKE2b with 32 bytes of output.
///
/// Source: RFC 7693, through libsodium's `crypto_generichash`.
package enum Digest {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Bytes of a digest.
    package static let length = 32

    /// The digest of `bytes`, keyed when `key` is given (16…64 bytes).
    package static func blake2b(_ bytes: [UInt8], key: [UInt8] = []) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: length)
        // The only failure of crypto_generichash is a length out of range, and ours are constant.
        _ = crypto_generichash(
            &output, length, bytes, UInt64(bytes.count), key.isEmpty ? nil : key, key.count)
        return output
    }

    /// Lower-case hexadecimal text of `bytes`, as shown on screens and in logs.
    package static func hex(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * length)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Compares two secrets in a time that does not tell where they differ.
package func equalInConstantTime(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && sodium_memcmp(a, b, a.count) == 0
}
