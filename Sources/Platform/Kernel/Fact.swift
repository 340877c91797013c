// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A value that is told: in events, in the parameters of a refusal, in a trace.
package indirect enum Fact: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case flag(Bool)
    case quantity(Quantity)
    case instant(Instant)
    case day(BusinessDay)
    case list([Fact])
    case record([String: Fact])
    case none

    private static let hex = Array("0123456789abcdef".utf8)

    /// The canonical form, the one JSON text of this value as UTF-8: keys sorted by their bytes, no
    /// white space, only the escapes that RFC 8259 demands. What is hashed and signed is this.
    package var canonicalJSON: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    private func append(to bytes: inout [UInt8]) {
        switch self {
        case .text(let text): appendText(text, to: &bytes)
        case .integer(let number): bytes.append(contentsOf: String(number).utf8)
        case .flag(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        case .quantity(let quantity): appendText(quantity.decimal, to: &bytes)
        case .instant(let instant): appendText(instant.rfc3339, to: &bytes)
        case .day(let day): appendText(day.description, to: &bytes)
        case .none: bytes.append(contentsOf: "null".utf8)
        case .list(let facts):
            bytes.append(UInt8(ascii: "["))
            for (index, fact) in facts.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                fact.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .record(let facts):
            bytes.append(UInt8(ascii: "{"))
            let sorted = facts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (index, (key, fact)) in sorted.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                appendText(key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                fact.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private func appendText(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            // Most texts need no escape and are copied in one piece.
            var start = 0
            for index in utf8.indices {
                let byte = utf8[index]
                let isPlain =
                    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                if isPlain { continue }
                bytes.append(contentsOf: utf8[start..<index])
                Self.appendEscape(of: byte, to: &bytes)
                start = index + 1
            }
            bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        if byte >= 0x20 { return bytes.append(byte) }
        bytes.append(contentsOf: "u00".utf8)
        bytes.append(hex[Int(byte >> 4)])
        bytes.append(hex[Int(byte & 15)])
    }
}
