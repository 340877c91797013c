// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// Bytes that nobody can guess, from the kernel's generator.
package enum Random {
    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return bytes
    }

    /// 0…9, each as likely as any other.
    package static func digit() -> UInt8 { UInt8(randombytes_uniform(10)) }

    /// `count` characters of Crockford's base 32 without the letters that are misread (I, L, O, U).
    ///
    /// Five bits of entropy a character: 16 of them make a code that people can type, 52 a token.
    package static func text(_ count: Int) -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
        return String(
            decoding: bytes(count).map { alphabet[Int($0 & 31)] }, as: UTF8.self)
    }
}
