// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Web

/// What stands for something else in the body that a gateway gets.
enum MessageField: String, CaseIterable {
    case to, text, secret
}

extension ErrandTarget.Gateway {
    /// The body for one message. The template is taken apart first and what is put in never read as
    /// part of it, so that no number and no text can add a field or end one.
    ///
    /// - Throws: `ErrandRefusal.fieldInvalid` when the template cannot be taken apart.
    package func body(to number: String, text: String) throws(ErrandRefusal) -> [UInt8] {
        let values: [MessageField: String] = [
            .to: number, .text: text, .secret: secret?.revealed ?? "",
        ]
        switch media {
        case .json: return try Self.filled(document(), values).bytes()
        case .form:
            return Array(
                try pairs().map { pair in
                    FormText.escaped(pair.name) + "="
                        + FormText.escaped(Self.filled(pair.value, values))
                }.joined(separator: "&").utf8)
        }
    }

    /// What the values of the template stand for.
    func placeholders() throws(ErrandRefusal) -> Set<MessageField> {
        var texts: [String] = []
        switch media {
        case .json: Self.collect(try document(), into: &texts)
        case .form: texts = try pairs().map(\.value)
        }
        return Set(
            MessageField.allCases.filter { field in
                texts.contains { $0.contains("{\(field.rawValue)}") }
            })
    }

    private static let field = "target.gateway.template"

    private func document() throws(ErrandRefusal) -> JSON {
        try Form.demand(
            template.utf8.count <= ErrandLimit.templateBytes, Self.field,
            "at most \(ErrandLimit.templateBytes) bytes")
        do throws(JSONFault) {
            let document = try JSON(
                reading: Array(template.utf8), depthMax: ErrandLimit.templateDepth)
            if case .record = document { return document }
        } catch {
            throw .fieldInvalid(
                field: Self.field, wants: "JSON, which it is not from byte \(error.offset) on")
        }
        throw .fieldInvalid(field: Self.field, wants: "a record of JSON: { … }")
    }

    private func pairs() throws(ErrandRefusal) -> [(name: String, value: String)] {
        try Form.demand(
            template.utf8.count <= ErrandLimit.templateBytes, Self.field,
            "at most \(ErrandLimit.templateBytes) bytes")
        var pairs: [(name: String, value: String)] = []
        for piece in template.split(separator: "&", omittingEmptySubsequences: false) {
            let halves = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, let name = FormText.plain(halves[0]), !name.isEmpty,
                let value = FormText.plain(halves[1])
            else {
                throw .fieldInvalid(
                    field: Self.field, wants: "fields of a form: to={to}&text={text}")
            }
            pairs.append((name, value))
        }
        return pairs
    }

    private static func collect(_ json: JSON, into texts: inout [String]) {
        switch json {
        case .text(let text): texts.append(text)
        case .list(let elements): for element in elements { collect(element, into: &texts) }
        case .record(let members): for member in members { collect(member.value, into: &texts) }
        case .null, .flag, .integer, .decimal: break
        }
    }

    private static func filled(_ json: JSON, _ values: [MessageField: String]) -> JSON {
        switch json {
        case .text(let text): .text(filled(text, values))
        case .list(let elements): .list(elements.map { filled($0, values) })
        case .record(let members):
            .record(members.map { JSON.Member($0.name, filled($0.value, values)) })
        case .null, .flag, .integer, .decimal: json
        }
    }

    /// From left to right, once: what was put in is not looked at again.
    private static func filled(_ text: String, _ values: [MessageField: String]) -> String {
        var output = ""
        var rest = text[...]
        while let brace = rest.firstIndex(of: "{") {
            output += rest[..<brace]
            rest = rest[brace...]
            let found = MessageField.allCases.first { rest.hasPrefix("{\($0.rawValue)}") }
            guard let found else {
                output.append(rest.removeFirst())
                continue
            }
            output += values[found] ?? ""
            rest = rest.dropFirst(found.rawValue.count + 2)
        }
        return output + rest
    }
}

/// The serializing and parsing of one name or value of a form. Source: WHATWG URL, 5.
enum FormText {
    private static let digits = Array("0123456789ABCDEF".utf8)

    static func escaped(_ text: String) -> String {
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "*"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "_"):
                output.append(byte)
            case UInt8(ascii: " "): output.append(UInt8(ascii: "+"))
            default:
                output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Nil when an escape is cut off or is none, or the bytes are not UTF-8.
    static func plain(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let pair = rest.prefix(2)
                guard pair.count == 2, pair.allSatisfy({ isHex($0) }),
                    let value = UInt8(String(decoding: pair, as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
