// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// A code freed from what devices and keyboards add: framing, prefix, stars, full-width letters.
struct CleanedCode: Hashable, Sendable {
    let text: String
    /// The characters of `text` when all of them are ASCII, else empty.
    let ascii: [UInt8]
    let prefix: SymbolPrefix?

    /// The most characters of a code.
    static let longest = Limit.codeLength

    /// Errors: empty, too long, or a control character inside.
    init(_ raw: String) throws(ReadingRefusal) {
        // A character takes at most four bytes; the rest is room for framing.
        guard raw.utf8.count <= Self.longest * 4 + 64 else {
            throw .codeTooLong(limit: Self.longest)
        }
        var scalars = Self.unframed(Array(raw.unicodeScalars))
        scalars = Self.narrowed(scalars)
        prefix = Self.takePrefix(&scalars)
        scalars = Self.unframed(scalars)
        Self.takeStars(&scalars)
        guard !scalars.isEmpty else { throw .codeEmpty }
        guard scalars.count <= Self.longest else { throw .codeTooLong(limit: Self.longest) }
        try Self.refuseControl(in: scalars, raw: raw)
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        self.text = String(text)
        ascii = scalars.allSatisfy(\.isASCII) ? scalars.map { UInt8($0.value & 0x7F) } : []
    }

    /// True for the envelope of ISO/IEC 15434, `[)>` and a record separator, which has control
    /// characters of its own. It is kept whole, as text.
    var isEnvelope: Bool { text.unicodeScalars.starts(with: Self.envelope) }

    private static let envelope: [UnicodeScalar] = ["[", ")", ">", "\u{1E}"]

    /// Without start and end marks, line ends, tabs and spaces around the code, and without
    /// marks of zero width that copying from a page brings along.
    private static func unframed(_ scalars: [UnicodeScalar]) -> [UnicodeScalar] {
        func isFrame(_ scalar: UnicodeScalar) -> Bool {
            switch scalar.value {
            case 0x02, 0x03, 0x09, 0x0A, 0x0D, 0x20, 0x3000, 0xA0: true
            default: false
            }
        }
        func isInvisible(_ scalar: UnicodeScalar) -> Bool {
            switch scalar.value {
            case 0x200B...0x200F, 0x202A...0x202E, 0x2060, 0x2066...0x2069, 0xFEFF: true
            default: false
            }
        }
        let visible = scalars.filter { !isInvisible($0) }
        let start = visible.firstIndex { !isFrame($0) } ?? visible.endIndex
        // A separator at the very end separates nothing.
        let end = visible.lastIndex { !isFrame($0) && $0.value != 0x1D } ?? visible.startIndex - 1
        return start <= end ? Array(visible[start...end]) : []
    }

    /// Full-width letters and digits become ASCII. The punctuation that a Chinese input method
    /// writes for an ASCII key follows only when nothing else in the text is Chinese.
    private static func narrowed(_ scalars: [UnicodeScalar]) -> [UnicodeScalar] {
        if scalars.allSatisfy(\.isASCII) { return scalars }
        let narrow = scalars.map { scalar -> UnicodeScalar in
            switch scalar.value {
            case 0xFF01...0xFF5E: UnicodeScalar(scalar.value - 0xFEE0) ?? scalar
            case 0x3000: " "
            default: scalar
            }
        }
        let keys = narrow.map { inputMethodKeys[$0] ?? $0 }
        return keys.allSatisfy(\.isASCII) ? keys : narrow
    }

    private static let inputMethodKeys: [UnicodeScalar: UnicodeScalar] = [
        "\u{3010}": "[", "\u{3011}": "]", "\u{300A}": "<", "\u{300B}": ">", "\u{3002}": ".",
        "\u{3001}": "\\", "\u{2018}": "'", "\u{2019}": "'", "\u{201C}": "\"", "\u{201D}": "\"",
    ]

    private static func takePrefix(_ scalars: inout [UnicodeScalar]) -> SymbolPrefix? {
        guard scalars.count >= 3, scalars[0] == "]", scalars[1].isASCII, scalars[2].isASCII,
            let prefix = SymbolPrefix.named(UInt8(scalars[1].value), UInt8(scalars[2].value))
        else { return nil }
        scalars.removeFirst(3)
        return prefix
    }

    /// Code 39 is framed by a star at each end, which some devices send.
    private static func takeStars(_ scalars: inout [UnicodeScalar]) {
        guard scalars.count >= 3, scalars.first == "*", scalars.last == "*" else { return }
        scalars.removeFirst()
        scalars.removeLast()
    }

    private static func refuseControl(
        in scalars: [UnicodeScalar], raw: String
    ) throws(ReadingRefusal) {
        let inEnvelope = scalars.starts(with: envelope)
        for scalar in scalars where isControl(scalar) {
            if scalar.value == 0x1D { continue }
            if inEnvelope, [0x04, 0x1C, 0x1E, 0x1F].contains(scalar.value) { continue }
            let position = raw.unicodeScalars.enumerated().first { $0.element == scalar }?.offset
            throw .codeControl(position: position ?? 0)
        }
    }

    private static func isControl(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0xFFF9...0xFFFF: true
        default: false
        }
    }
}
