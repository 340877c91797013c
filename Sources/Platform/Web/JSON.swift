// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A JSON document as a value (RFC 8259), without floating point: a number that is not an `Int64`
/// keeps its text.
///
/// Members keep the order in which they were read; `bytes()` sorts them, so that equal documents
/// always have equal bytes.
package enum JSON: Sendable, Hashable {
    case null
    case flag(Bool)
    case integer(Int64)
    case decimal(String)
    case text(String)
    case list([JSON])
    case record([Member])

    /// One name and value of a record.
    package struct Member: Sendable, Hashable {
        package let name: String
        package let value: JSON

        package init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// A record from a dictionary, its members in the order of their names.
    package static func object(_ members: [String: JSON]) -> JSON {
        .record(members.sorted { $0.key < $1.key }.map { Member($0.key, $0.value) })
    }

    /// The member of that name, or nil when there is none or this is no record.
    package subscript(_ name: String) -> JSON? {
        guard case .record(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The element at that place of a list, or nil.
    package subscript(_ index: Int) -> JSON? {
        guard case .list(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The text, or nil when this is no text.
    package var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The whole number, or nil when this is none.
    package var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// The truth value, or nil when this is none.
    package var flag: Bool? {
        if case .flag(let flag) = self { flag } else { nil }
    }

    /// The elements, empty when this is no list.
    package var elements: [JSON] {
        if case .list(let elements) = self { elements } else { [] }
    }

    /// The members, empty when this is no record.
    package var members: [Member] {
        if case .record(let members) = self { members } else { [] }
    }

    /// UTF-8 without spaces, members sorted by name.
    package func bytes() -> [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    /// UTF-8 with two spaces of indentation, members sorted by name, a line end at the end: the
    /// form of golden files.
    package func prettyText() -> String {
        var output: [UInt8] = []
        write(to: &output, depth: 0)
        output.append(UInt8(ascii: "\n"))
        return String(decoding: output, as: UTF8.self)
    }

    func write(to output: inout [UInt8]) {
        switch self {
        case .list(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.write(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .record(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in JSON.sorted(members).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONText.append(member.name, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        case .null, .flag, .integer, .decimal, .text:
            writeLeaf(to: &output)
        }
    }

    /// Most records are declared and encoded in the order of the alphabet or are small: looking
    /// first is cheaper than sorting always.
    private static func sorted(_ members: [Member]) -> [Member] {
        for index in members.indices.dropFirst() where members[index].name < members[index - 1].name
        {
            return members.sorted { $0.name < $1.name }
        }
        return members
    }

    private func writeLeaf(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .flag(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .integer(let number): JSONText.append(number, to: &output)
        case .decimal(let text): output.append(contentsOf: text.utf8)
        case .text(let text): JSONText.append(text, to: &output)
        case .list, .record: write(to: &output)
        }
    }

    private func write(to output: inout [UInt8], depth: Int) {
        func newLine(_ depth: Int) {
            output.append(UInt8(ascii: "\n"))
            output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
        }
        switch self {
        case .list(let elements) where !elements.isEmpty:
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                newLine(depth + 1)
                element.write(to: &output, depth: depth + 1)
            }
            newLine(depth)
            output.append(UInt8(ascii: "]"))
        case .record(let members) where !members.isEmpty:
            output.append(UInt8(ascii: "{"))
            for (index, member) in JSON.sorted(members).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                newLine(depth + 1)
                JSONText.append(member.name, to: &output)
                output.append(contentsOf: ": ".utf8)
                member.value.write(to: &output, depth: depth + 1)
            }
            newLine(depth)
            output.append(UInt8(ascii: "}"))
        default:
            write(to: &output)
        }
    }
}

/// The writing of single JSON values.
enum JSONText {
    private static let hex = Array("0123456789abcdef".utf8)

    /// Appends `text` in quotes, with only the escapes that RFC 8259 demands.
    static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            // Most texts need no escape and are copied in one piece.
            var start = 0
            for index in bytes.indices {
                let byte = bytes[index]
                if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
                    continue
                }
                output.append(contentsOf: bytes[start..<index])
                appendEscape(of: byte, to: &output)
                start = index + 1
            }
            output.append(contentsOf: bytes[start...])
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Appends the decimal digits of `number`.
    static func append(_ number: Int64, to output: inout [UInt8]) {
        // The text of a whole number has at most 20 bytes.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = number.magnitude
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            output.append(contentsOf: digits[start...])
        }
    }

    private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0a: output.append(UInt8(ascii: "n"))
        case 0x0c: output.append(UInt8(ascii: "f"))
        case 0x0d: output.append(UInt8(ascii: "r"))
        default:
            output.append(contentsOf: "u00".utf8)
            output.append(hex[Int(byte >> 4)])
            output.append(hex[Int(byte & 15)])
        }
    }
}
