// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// One item of CBOR, as authenticators write it: definite lengths, no floats, no tags.
///
/// Source: RFC 8949, and CTAP 2.1 section 8 for the form that authenticators must keep to.
indirect enum CBOR: Equatable, Sendable {
    case integer(Int64)
    case bytes([UInt8])
    case text(String)
    case list([CBOR])
    case map([Entry])
    case flag(Bool)
    case null

    /// An entry of a map, in the order of the bytes.
    struct Entry: Equatable, Sendable {
        let key: CBOR
        let value: CBOR
    }

    /// Items inside each other, items in all, and bytes in all that are read.
    static let depthMost = 8
    static let itemsMost = 512
    static let bytesMost = 64 << 10

    /// The value of a key; nil when it is missing, or when this is no map.
    subscript(_ key: CBOR) -> CBOR? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// The value of a key that is a text.
    subscript(named name: String) -> CBOR? { self[.text(name)] }

    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    var bytes: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }
    var text: String? { if case .text(let value) = self { value } else { nil } }

    /// Reads one item from the start of `bytes`. Returns how many bytes it took.
    static func read(_ bytes: ArraySlice<UInt8>) throws(CBORFault) -> (item: CBOR, count: Int) {
        guard bytes.count <= bytesMost else { throw .tooLarge }
        var reader = CBORReader(rest: bytes)
        let item = try reader.item(depth: 0)
        return (item, bytes.count - reader.rest.count)
    }
}

/// Why bytes are no item that is taken.
enum CBORFault: Error, Equatable {
    case ended, tooLarge, tooDeep, tooMany, unsupported, notShortest, notText, repeatedKey
}

private struct CBORReader {
    var rest: ArraySlice<UInt8>
    private var items = 0

    init(rest: ArraySlice<UInt8>) { self.rest = rest }

    mutating func item(depth: Int) throws(CBORFault) -> CBOR {
        guard depth < CBOR.depthMost else { throw .tooDeep }
        items += 1
        guard items <= CBOR.itemsMost else { throw .tooMany }
        guard let first = rest.popFirst() else { throw .ended }
        let (major, low) = (first >> 5, first & 31)
        if major == 7 { return try simple(low) }
        let value = try argument(low)
        switch major {
        case 0: return .integer(try signed(value))
        case 1: return .integer(-1 - (try signed(value)))
        case 2: return .bytes(Array(try take(value)))
        case 3:
            guard let text = String(validating: try take(value), as: UTF8.self) else {
                throw .notText
            }
            return .text(text)
        case 4: return try list(value, depth)
        case 5: return try map(value, depth)
        default: throw .unsupported
        }
    }

    private mutating func list(_ count: UInt64, _ depth: Int) throws(CBORFault) -> CBOR {
        var list: [CBOR] = []
        // Each item has a byte at least, so a count beyond the rest can be refused at once.
        guard count <= UInt64(rest.count) else { throw .ended }
        for _ in 0..<count { list.append(try item(depth: depth + 1)) }
        return .list(list)
    }

    private mutating func map(_ count: UInt64, _ depth: Int) throws(CBORFault) -> CBOR {
        var entries: [CBOR.Entry] = []
        guard count <= UInt64(rest.count / 2) else { throw .ended }
        for _ in 0..<count {
            let key = try item(depth: depth + 1)
            guard !entries.contains(where: { $0.key == key }) else { throw .repeatedKey }
            entries.append(CBOR.Entry(key: key, value: try item(depth: depth + 1)))
        }
        return .map(entries)
    }

    private func simple(_ low: UInt8) throws(CBORFault) -> CBOR {
        switch low {
        case 20: .flag(false)
        case 21: .flag(true)
        case 22: .null
        default: throw .unsupported
        }
    }

    /// The number behind the first byte, which must be written as short as can be.
    private mutating func argument(_ low: UInt8) throws(CBORFault) -> UInt64 {
        let length: Int
        switch low {
        case 0..<24: return UInt64(low)
        case 24: length = 1
        case 25: length = 2
        case 26: length = 4
        case 27: length = 8
        default: throw .unsupported
        }
        let value = try take(UInt64(length)).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let least: UInt64 =
            switch length {
            case 1: 24
            case 2: 1 << 8
            case 4: 1 << 16
            default: 1 << 32
            }
        guard value >= least else { throw .notShortest }
        return value
    }

    private func signed(_ value: UInt64) throws(CBORFault) -> Int64 {
        guard let value = Int64(exactly: value) else { throw .unsupported }
        return value
    }

    private mutating func take(_ count: UInt64) throws(CBORFault) -> ArraySlice<UInt8> {
        guard count <= UInt64(rest.count) else { throw .ended }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }
}
