// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A Swift file taken apart: what is code, and what stands in string literals.
///
/// No parser: it knows comments, literals and interpolation, which is enough to keep a rule about
/// code from stumbling over a sentence.
struct SwiftText: Sendable {
    struct Literal: Sendable {
        let line: Int
        /// Each interpolation is `{}`.
        let text: String
    }

    /// The file with comments and the insides of literals blanked; lines stay where they are.
    let code: String
    let literals: [Literal]

    init(_ text: String) {
        var reader = Reader(Array(text.utf8))
        reader.readCode(inInterpolation: false)
        code = String(decoding: reader.code, as: UTF8.self)
        literals = reader.literals
    }
}

private struct Reader {
    let bytes: [UInt8]
    var at = 0
    var line = 1
    var code: [UInt8] = []
    var literals: [SwiftText.Literal] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func peek(_ ahead: Int = 0) -> UInt8 {
        at + ahead < bytes.count ? bytes[at + ahead] : 0
    }

    private func starts(with text: StaticString) -> Bool {
        guard at + text.utf8CodeUnitCount <= bytes.count else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy { bytes[at + $0] == text.utf8Start[$0] }
    }

    /// Takes one byte, into the code or as a blank.
    private mutating func take(blank: Bool) {
        let byte = bytes[at]
        at += 1
        if byte == UInt8(ascii: "\n") { line += 1 }
        code.append(blank && byte != UInt8(ascii: "\n") ? UInt8(ascii: " ") : byte)
    }

    mutating func readCode(inInterpolation: Bool) {
        var depth = 1
        while at < bytes.count {
            if starts(with: "//") {
                while at < bytes.count, peek() != UInt8(ascii: "\n") { take(blank: true) }
            } else if starts(with: "/*") {
                while at < bytes.count, !starts(with: "*/") { take(blank: true) }
            } else if peek() == UInt8(ascii: "\"") || peek() == UInt8(ascii: "#") {
                readLiteralOrHash()
            } else {
                if inInterpolation {
                    if peek() == UInt8(ascii: "(") { depth += 1 }
                    if peek() == UInt8(ascii: ")") { depth -= 1 }
                    if depth == 0 { return take(blank: false) }
                }
                take(blank: false)
            }
        }
    }

    private mutating func readLiteralOrHash() {
        var hashes = 0
        while peek(hashes) == UInt8(ascii: "#") { hashes += 1 }
        guard peek(hashes) == UInt8(ascii: "\"") else { return take(blank: false) }
        for _ in 0..<hashes { take(blank: true) }
        let isBlock = starts(with: "\"\"\"")
        for _ in 0..<(isBlock ? 3 : 1) { take(blank: false) }
        let start = line
        var text: [UInt8] = []
        while at < bytes.count, !isClosing(isBlock, hashes) {
            if peek() == UInt8(ascii: "\\"), isHashes(from: 1, hashes) {
                for _ in 0...hashes { take(blank: true) }
                if peek() == UInt8(ascii: "(") {
                    take(blank: false)
                    readCode(inInterpolation: true)
                    text += Array("{}".utf8)
                } else if at < bytes.count {
                    text.append(peek() == UInt8(ascii: "n") ? UInt8(ascii: "\n") : peek())
                    take(blank: true)
                }
            } else {
                text.append(peek())
                take(blank: true)
            }
        }
        for _ in 0..<min(bytes.count - at, (isBlock ? 3 : 1) + hashes) { take(blank: false) }
        literals.append(
            SwiftText.Literal(line: start, text: String(decoding: text, as: UTF8.self)))
    }

    private func isHashes(from start: Int, _ count: Int) -> Bool {
        (0..<count).allSatisfy { peek(start + $0) == UInt8(ascii: "#") }
    }

    private func isClosing(_ isBlock: Bool, _ hashes: Int) -> Bool {
        isBlock
            ? starts(with: "\"\"\"") && isHashes(from: 3, hashes)
            : peek() == UInt8(ascii: "\"") && isHashes(from: 1, hashes)
    }
}
