// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// A password as it is kept: Argon2id in libsodium's text form, which carries its own salt and cost.
///
/// Costs 64 MiB and about 0.2 s on the box, so it is only ever made on the work queue, never on an
/// HTTP worker or the writer. Source: RFC 9106, through `crypto_pwhash_str`.
package struct PasswordHash: Hashable, Sendable {
    package let text: String

    /// Memory of one hash in bytes: the second recommendation of RFC 9106.
    static let memory = 64 * 1024 * 1024
    /// Passes over that memory.
    static let passes: UInt64 = 3

    package init(text: String) {
        self.text = text
    }

    /// Hashes `password`; nil when the machine has not the memory left for it.
    package static func make(_ password: String) -> PasswordHash? {
        guard sodium_init() >= 0 else { return nil }
        var output = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
        let bytes = password.utf8.map { CChar(bitPattern: $0) }
        guard
            crypto_pwhash_str_alg(
                &output, bytes, UInt64(bytes.count), passes, memory,
                crypto_pwhash_alg_argon2id13()) == 0
        else { return nil }
        let text = output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return PasswordHash(text: String(decoding: text, as: UTF8.self))
    }

    /// A hash that costs as much to check as any other and that no password has: it stands in for
    /// the one that an unknown user does not have.
    package static func ofNobody() -> PasswordHash {
        PasswordHash(
            text: "$argon2id$v=19$m=\(memory / 1024),t=\(passes),p=1$"
                + "\(Base64.text(Random.bytes(16)))$\(Base64.text(Random.bytes(32)))")
    }

    /// Whether it was made with less work than is asked today, so that the next sign-in, which has
    /// the password in clear, makes it anew. Also true for a text that is no hash.
    package var isOutdated: Bool {
        crypto_pwhash_str_needs_rehash(text, Self.passes, Self.memory) != 0
    }

    /// Whether `password` is the one that was hashed. Takes as long as `make`.
    package func matches(_ password: String) -> Bool {
        let bytes = password.utf8.map { CChar(bitPattern: $0) }
        return crypto_pwhash_str_verify(text, bytes, UInt64(bytes.count)) == 0
    }
}
