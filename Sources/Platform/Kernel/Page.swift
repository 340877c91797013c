// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// One page of a list, and where the next one begins.
package struct Page<Item: Sendable>: Sendable {
    package let items: [Item]
    /// Nil on the last page.
    package let next: Cursor?

    package init(items: [Item], next: Cursor?) {
        self.items = items
        self.next = next
    }

    /// Cuts a page from `rows`, of which one more than `limit` was asked for.
    package init(_ rows: [Item], limit: Int, key: (Item) -> [Cursor.Key]) {
        items = Array(rows.prefix(limit))
        next = rows.count > limit ? items.last.map { Cursor(key($0)) } : nil
    }

    package func map<Other: Sendable>(_ transform: (Item) throws -> Other) rethrows -> Page<Other> {
        Page<Other>(items: try items.map(transform), next: next)
    }
}

/// What is asked of a list: how many, and after which row.
package struct PageRequest: Hashable, Sendable {
    package let limit: Int
    package let after: Cursor?

    /// The limit is kept within 1…`Limit.pageSize`.
    package init(limit: Int? = nil, after: Cursor? = nil) {
        self.limit = min(Limit.pageSize, max(1, limit ?? Limit.pageSizeDefault))
        self.after = after
    }
}

/// The key of the last row of a page, as a text that says nothing to its reader.
package struct Cursor: Hashable, Sendable {
    package enum Key: Hashable, Sendable {
        case integer(Int64)
        case text(String)
    }

    /// Longest text that is read back.
    package static let textMax = Limit.cursorLength

    package let keys: [Key]

    package init(_ keys: [Key]) { self.keys = keys }

    /// URL-safe text: base 64 (RFC 4648, section 5) over type, length and bytes of each key.
    package var text: String {
        var bytes: [UInt8] = []
        for key in keys {
            let (mark, body): (UInt8, [UInt8]) =
                switch key {
                case .integer(let number): (0x69, Array(String(number).utf8))
                case .text(let text): (0x74, Array(text.utf8))
                }
            bytes.append(mark)
            withUnsafeBytes(of: UInt16(truncatingIfNeeded: body.count).bigEndian) {
                bytes.append(contentsOf: $0)
            }
            bytes.append(contentsOf: body)
        }
        return Base64URL.text(bytes)
    }

    /// Reads a cursor back; refuses what is none of ours.
    package init(text: String) throws(PageRefusal) {
        guard text.utf8.count <= Self.textMax, let bytes = Base64URL.bytes(text) else {
            throw .cursorMalformed
        }
        var rest = bytes[...]
        var keys: [Key] = []
        while let mark = rest.popFirst() {
            guard rest.count >= 2 else { throw .cursorMalformed }
            let count = Int(rest.removeFirst()) << 8 | Int(rest.removeFirst())
            guard rest.count >= count,
                let body = String(validating: rest.prefix(count), as: UTF8.self)
            else { throw .cursorMalformed }
            rest = rest.dropFirst(count)
            switch mark {
            case 0x69:
                // Only the spelling that we write, so that a cursor has one text.
                guard let number = Int64(body), String(number) == body else {
                    throw .cursorMalformed
                }
                keys.append(.integer(number))
            case 0x74: keys.append(.text(body))
            default: throw .cursorMalformed
            }
        }
        guard !keys.isEmpty else { throw .cursorMalformed }
        self.keys = keys
    }

    /// The keys as whole numbers; refuses another shape.
    package func integers(_ count: Int) throws(PageRefusal) -> [Int64] {
        var numbers: [Int64] = []
        for case .integer(let number) in keys { numbers.append(number) }
        guard numbers.count == count, keys.count == count else { throw .cursorMalformed }
        return numbers
    }

    /// The only key as a text; refuses another shape.
    package func singleText() throws(PageRefusal) -> String {
        guard keys.count == 1, case .text(let text) = keys[0] else { throw .cursorMalformed }
        return text
    }
}

/// Why a page cannot be given.
package enum PageRefusal: Refusal, Equatable {
    case cursorMalformed

    package static let catalogue: [RefusalCode] = [
        RefusalCode("page.cursor_malformed", .invalid)
    ]

    package var code: String { "page.cursor_malformed" }
    package var pointers: [Pointer] { [Pointer(path: "/after", code: code)] }
}

/// Base 64 with the URL alphabet and without padding.
enum Base64URL {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let group = bytes[index..<min(index + 3, bytes.count)]
            var bits: UInt32 = 0
            for byte in group { bits = bits << 8 | UInt32(byte) }
            bits <<= UInt32(8 * (3 - group.count))
            for position in 0...group.count {
                text.append(alphabet[Int(bits >> UInt32(18 - 6 * position) & 63)])
            }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func bytes(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for letter in text.utf8 {
            guard let value = alphabet.firstIndex(of: letter) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        // Bits that are left over must be padding; anything else is another spelling of the same.
        return count < 6 && bits == 0 ? bytes : nil
    }
}
