// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Why a document could not be read as JSON.
package struct JSONFault: Error, Equatable {
    package enum Reason: String, Sendable {
        case unreadable, tooDeep = "too_deep", repeated, trailing
    }

    package let reason: Reason
    /// The byte at which reading stopped.
    package let offset: Int
}

extension JSON {
    /// Reads one document of RFC 8259 and nothing after it.
    ///
    /// Stricter than most readers, because a document that two readers understand differently is
    /// how filters are walked around: a repeated name, bytes that are no UTF-8, a lone surrogate
    /// and nesting beyond `depthMax` are refused.
    package init(reading bytes: [UInt8], depthMax: Int = 32) throws(JSONFault) {
        let outcome = bytes.withUnsafeBufferPointer { buffer -> Result<JSON, JSONFault> in
            var reader = JSONReader(bytes: buffer, depthMax: depthMax)
            do throws(JSONFault) {
                let value = try reader.value(depth: 0)
                reader.skipSpace()
                guard reader.position == buffer.count else {
                    throw reader.fault(.trailing)
                }
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        self = try outcome.get()
    }
}

/// A recursive descent over the bytes of one document; recursion is bounded by `depthMax`.
private struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    let depthMax: Int
    var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>, depthMax: Int) {
        self.bytes = bytes
        self.depthMax = depthMax
    }

    func fault(_ reason: JSONFault.Reason = .unreadable) -> JSONFault {
        JSONFault(reason: reason, offset: position)
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    mutating func value(depth: Int) throws(JSONFault) -> JSON {
        guard depth <= depthMax else { throw fault(.tooDeep) }
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return try record(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONFault) -> JSON {
        let count = word.utf8CodeUnitCount
        guard position + count <= bytes.count else { throw fault() }
        for index in 0..<count where bytes[position + index] != word.utf8Start[index] {
            throw fault()
        }
        position += count
        return value
    }

    private mutating func record(depth: Int) throws(JSONFault) -> JSON {
        position += 1
        var members: [JSON.Member] = []
        skipSpace()
        if current == UInt8(ascii: "}") {
            position += 1
            return .record([])
        }
        var names = Set<String>()
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw fault() }
            let name = try text()
            try refuseRepeated(name, in: members, &names)
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw fault() }
            position += 1
            members.append(JSON.Member(name, try value(depth: depth + 1)))
            skipSpace()
            if current == UInt8(ascii: ",") {
                position += 1
                continue
            }
            guard current == UInt8(ascii: "}") else { throw fault() }
            position += 1
            return .record(members)
        }
    }

    /// Members of one record at most: twice what the texts of all screens have.
    private static let membersMost = 4096
    /// Up to here names are compared one by one, which needs no memory.
    private static let fewMembers = 16

    private func refuseRepeated(
        _ name: String, in members: [JSON.Member], _ names: inout Set<String>
    ) throws(JSONFault) {
        guard members.count < Self.membersMost else { throw fault(.repeated) }
        if members.count < Self.fewMembers {
            guard !members.contains(where: { $0.name == name }) else { throw fault(.repeated) }
            return
        }
        if names.isEmpty { names.formUnion(members.map(\.name)) }
        guard names.insert(name).inserted else { throw fault(.repeated) }
    }

    private mutating func list(depth: Int) throws(JSONFault) -> JSON {
        position += 1
        var elements: [JSON] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            position += 1
            return .list([])
        }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if current == UInt8(ascii: ",") {
                position += 1
                continue
            }
            guard current == UInt8(ascii: "]") else { throw fault() }
            position += 1
            return .list(elements)
        }
    }

    /// A number whose fraction is nothing but zeros is a whole one, as JSON Schema counts them
    /// (2020-12, Core, 4.2.2).
    private mutating func number() throws(JSONFault) -> JSON {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        let whole = position
        try digits()
        if bytes[whole] == UInt8(ascii: "0") && position > whole + 1 { throw fault() }
        var isWhole = true
        let end = position
        if current == UInt8(ascii: ".") {
            position += 1
            try digits()
            isWhole = bytes[(end + 1)..<position].allSatisfy { $0 == UInt8(ascii: "0") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        if isWhole, let number = Int64(String(decoding: bytes[start..<end], as: UTF8.self)) {
            return .integer(number)
        }
        return .decimal(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func digits() throws(JSONFault) {
        let start = position
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            position += 1
        }
        guard position > start else { throw fault() }
    }

    /// Reads a text in quotes. A text without escapes, the usual case, is taken in one piece.
    private mutating func text() throws(JSONFault) -> String {
        position += 1
        let start = position
        while let byte = current {
            if byte == UInt8(ascii: "\"") {
                let text = try utf8(bytes[start..<position])
                position += 1
                return text
            }
            guard byte >= 0x20 else { throw fault() }
            if byte == UInt8(ascii: "\\") { return try escapedText(from: start) }
            position += 1
        }
        throw fault()
    }

    private func utf8(_ piece: Slice<UnsafeBufferPointer<UInt8>>) throws(JSONFault) -> String {
        guard let text = String(validating: piece, as: UTF8.self) else { throw fault() }
        return text
    }

    private mutating func escapedText(from start: Int) throws(JSONFault) -> String {
        var unescaped = Array(bytes[start..<position])
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: unescaped, as: UTF8.self) else { throw fault() }
                return text
            case UInt8(ascii: "\\"):
                try escape(into: &unescaped)
            case 0..<0x20:
                throw fault()
            default:
                unescaped.append(byte)
            }
        }
        throw fault()
    }

    private mutating func escape(into output: inout [UInt8]) throws(JSONFault) {
        guard let byte = current else { throw fault() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(byte)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0c)
        case UInt8(ascii: "n"): output.append(0x0a)
        case UInt8(ascii: "r"): output.append(0x0d)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"): output.append(contentsOf: Array(String(try scalar()).utf8))
        default: throw fault()
        }
    }

    /// The scalar of `\uXXXX`, or of two of them when the first is a high surrogate.
    private mutating func scalar() throws(JSONFault) -> Unicode.Scalar {
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xd800..<0xdc00).contains(first), current == UInt8(ascii: "\\") else {
            throw fault()
        }
        position += 1
        guard current == UInt8(ascii: "u") else { throw fault() }
        position += 1
        let second = try fourHexDigits()
        guard (0xdc00..<0xe000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw fault() }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = HexDigit.value(of: byte) else { throw fault() }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

/// Hexadecimal digits, as percent-encoding and JSON escapes write them.
enum HexDigit {
    static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
