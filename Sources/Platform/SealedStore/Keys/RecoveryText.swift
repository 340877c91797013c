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
    static func text(of key: SecretBytes) -> String {
        let bytes = Array(UnsafeBufferPointer(start: key.pointer, count: keySize))
        var characters: [UInt8] = []
        var bits = 0
        var pending = 0
        for byte in bytes + check(bytes) {
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

    /// Reads it back; case, spaces and hyphens do not matter.
    ///
    /// - Throws: `KeyFault.mistyped`.
    static func key(of text: String) throws -> SecretBytes {
        var bytes: [UInt8] = []
        var bits = 0
        var pending = 0
        for character in text.utf8 where !" -\t\n\r".utf8.contains(character) {
            guard let value = value(of: character), bytes.count < keySize + checkSize else {
                throw KeyFault.mistyped
            }
            pending = (pending << 5 | value) & 0xFFFF
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> bits))
            }
        }
        let key = Array(bytes.prefix(keySize))
        guard bytes.count == keySize + checkSize, bits == 0,
            check(key) == Array(bytes.suffix(checkSize))
        else { throw KeyFault.mistyped }
        return try SecretBytes(count: keySize) { $0.update(from: key, count: keySize) }
    }

    private static func value(of character: UInt8) -> Int? {
        let upper = (97...122).contains(character) ? character - 32 : character
        switch upper {
        case UInt8(ascii: "O"): return 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
        default: return alphabet.firstIndex(of: upper)
        }
    }

    private static func check(_ key: [UInt8]) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: 32)
        let message = Array("sluice recovery".utf8) + key
        crypto_generichash(&hash, 32, message, UInt64(message.count), nil, 0)
        return Array(hash.prefix(checkSize))
    }
}
