// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// A 256-bit key as a person writes it down: 14 groups of four characters, the last five
/// characters of which check the others.
///
/// Source of the alphabet: Douglas Crockford, "Base 32" (no I, L, O, U; those read as 1, 1, 0).
enum RecoveryText {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let keySize = 32
    private static let checkSize = 3
    private static let group = 4

    /// 280 bits: the key and 24 bits of its BLAKE2b hash.
    static func text(of key: SecretBytes) throws -> String {
        let check = try check(key.pointer)
        var characters: [UInt8] = []
        var bits = 0
        var pending = 0
        for index in 0..<keySize + checkSize {
            let byte = index < keySize ? key.pointer[index] : check[index - keySize]
            pending = (pending << 8 | Int(byte)) & 0xFFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                characters.append(alphabet[pending >> bits & 31])
            }
        }
        return stride(from: 0, to: characters.count, by: group).map { start in
            String(
                decoding: characters[start..<min(start + group, characters.count)], as: UTF8.self)
        }.joined(separator: "-")
    }

    /// Reads it back; case, spaces and hyphens do not matter. No byte of the key is kept anywhere but
    /// in guarded memory.
    ///
    /// - Throws: `KeyFault.mistyped`.
    static func key(of text: String) throws -> SecretBytes {
        let typed = try SecretBytes(count: keySize + checkSize) { try decode(text, into: $0) }
        let check = try check(typed.pointer)
        guard sodium_memcmp(check, typed.pointer + keySize, checkSize) == 0 else {
            throw KeyFault.mistyped
        }
        return try SecretBytes(count: keySize) { $0.update(from: typed.pointer, count: keySize) }
    }

    /// Writes the bytes of key and check that a text stands for.
    private static func decode(_ text: String, into bytes: UnsafeMutablePointer<UInt8>) throws {
        var count = 0
        var bits = 0
        var pending = 0
        defer { withUnsafeMutableBytes(of: &pending) { sodium_memzero($0.baseAddress, $0.count) } }
        for character in text.utf8 where !" -\t\n\r".utf8.contains(character) {
            guard let value = value(of: character), count < keySize + checkSize else {
                throw KeyFault.mistyped
            }
            pending = (pending << 5 | value) & 0xFFFF
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes[count] = UInt8(truncatingIfNeeded: pending >> bits)
                count += 1
            }
        }
        guard count == keySize + checkSize, bits == 0 else { throw KeyFault.mistyped }
    }

    private static func value(of character: UInt8) -> Int? {
        let upper = (97...122).contains(character) ? character - 32 : character
        switch upper {
        case UInt8(ascii: "O"): return 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
        default: return alphabet.firstIndex(of: upper)
        }
    }

    /// - Parameter key: `keySize` bytes.
    private static func check(_ key: UnsafePointer<UInt8>) throws -> [UInt8] {
        let name = Array("sluice recovery".utf8)
        let message = try SecretBytes(count: name.count + keySize) { out in
            out.update(from: name, count: name.count)
            (out + name.count).update(from: key, count: keySize)
        }
        var hash = [UInt8](repeating: 0, count: 32)
        crypto_generichash(&hash, 32, message.pointer, UInt64(message.count), nil, 0)
        return Array(hash.prefix(checkSize))
    }
}
