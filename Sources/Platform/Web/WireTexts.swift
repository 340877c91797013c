// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// A text on the wire with limits of its own. Conforming types get decoding, encoding and schema.
package protocol WireText: WireValue, Hashable {
    static var rule: Schema.TextRule { get }
    /// Spaces at both ends are cut before the limits are checked.
    static var isTrimmed: Bool { get }
    /// Line ends and tabs are allowed inside; other control characters never are.
    static var allowsLines: Bool { get }
    var text: String { get }
    /// Checks `text` against the limits.
    init(_ text: String) throws(WireFault)
    /// Stores a text that was checked.
    init(checked text: String)
}

extension WireText {
    package static var isTrimmed: Bool { true }
    package static var allowsLines: Bool { false }
    package static var schema: Schema {
        .text(TextCheck.described(rule, isTrimmed: isTrimmed, allowsLines: allowsLines))
    }

    /// Checks `text` against the limits.
    package init(_ text: String) throws(WireFault) {
        var text = text
        if Self.isTrimmed { text = TextCheck.trimmed(text) }
        try TextCheck.check(text, Self.rule, allowsLines: Self.allowsLines)
        self.init(checked: text)
    }

    package init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

enum TextCheck {
    static func trimmed(_ text: String) -> String {
        func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }
        let scalars = text.unicodeScalars
        guard let first = scalars.first, let last = scalars.last, isSpace(first) || isSpace(last)
        else { return text }
        guard let start = scalars.firstIndex(where: { !isSpace($0) }),
            let end = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[start...end])
    }

    /// What `isControl` refuses, as it is written inside the brackets of a pattern of JSON Schema.
    private static let marks = #"\u2028\u2029\u202a-\u202e\u2066-\u2069"#

    /// The rule with what `check` demands beside the lengths, so that the API's description tells
    /// it; a rule that has a pattern says enough by it.
    static func described(
        _ rule: Schema.TextRule, isTrimmed: Bool, allowsLines: Bool, separators: Bool = false
    ) -> Schema.TextRule {
        guard rule.pattern == nil && rule.choices.isEmpty else { return rule }
        let low =
            switch (allowsLines, separators) {
            case (true, _): #"\u0000-\u0008\u000b\u000c\u000e-\u001f"#
            case (false, true): #"\u0000-\u001c\u001e\u001f"#
            case (false, false): #"\u0000-\u001f"#
            }
        let bad = low + #"\u007f-\u009f"# + marks
        // What is cut at the ends does not count.
        let visible =
            isTrimmed && rule.least > 0 ? "[^\\s\(bad)\(separators ? "\\u001d" : "")]" : ""
        let any = "[^\(bad)]*"
        return Schema.TextRule(
            least: rule.least, most: rule.most,
            pattern: visible.isEmpty ? "^\(any)$" : "^\(any)\(visible)\(any)$",
            format: rule.format)
    }

    static func check(
        _ text: String, _ rule: Schema.TextRule, allowsLines: Bool
    ) throws(WireFault) {
        // A scalar has at least one byte, so short texts need no counting.
        if text.utf8.count > rule.most && text.unicodeScalars.count > rule.most {
            throw WireFault("too_long")
        }
        if rule.least > 0 && text.unicodeScalars.count < rule.least {
            throw WireFault(text.isEmpty ? "empty" : "too_short")
        }
        for scalar in text.unicodeScalars where isControl(scalar) {
            if allowsLines && (scalar == "\n" || scalar == "\t" || scalar == "\r") { continue }
            throw WireFault("control_character")
        }
    }

    /// C0, DEL and C1, and the marks that reverse the direction of what follows: they hide what a
    /// name really says.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}

/// What people call a thing: 1…200 characters, spaces at the ends cut, no control characters.
package struct Name: WireText {
    package static let rule = Schema.TextRule(least: 1, most: Limit.nameLength)
    package static let sample = Name(checked: "Jasmine tea 500 ml")
    package let text: String
    package init(checked text: String) { self.text = text }
}

/// What a machine reads or a person types as a code: 1…128 characters, spaces at the ends cut.
///
/// GS (U+001D) separates the elements of a GS1 code and is kept; other control characters are
/// refused.
package struct Code: WireText {
    package static let rule = Schema.TextRule(least: 1, most: Limit.codeLength)
    package static let sample = Code(checked: "6901234567892")
    package static var schema: Schema {
        .text(TextCheck.described(rule, isTrimmed: true, allowsLines: false, separators: true))
    }
    package let text: String
    package init(checked text: String) { self.text = text }

    package init(_ text: String) throws(WireFault) {
        let trimmed = TextCheck.trimmedKeepingSeparators(text)
        let visible = String(trimmed.unicodeScalars.filter { $0.value != 0x1d })
        guard trimmed.unicodeScalars.count <= Self.rule.most else { throw WireFault("too_long") }
        try TextCheck.check(visible, Self.rule, allowsLines: false)
        self.text = trimmed
    }
}

extension TextCheck {
    /// Unicode counts GS as white space; a code that begins or ends with one must keep it.
    static func trimmedKeepingSeparators(_ text: String) -> String {
        func isSpace(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.isWhitespace && scalar.value != 0x1d
        }
        let scalars = text.unicodeScalars
        guard let start = scalars.firstIndex(where: { !isSpace($0) }),
            let end = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[start...end])
    }
}

/// A remark of a person: 0…1000 characters, lines allowed.
package struct Note: WireText {
    package static let rule = Schema.TextRule(most: Limit.noteLength)
    package static let allowsLines = true
    package static let sample = Note(checked: "Box was wet at the dock.")
    package let text: String
    package init(checked text: String) { self.text = text }
}

/// A password, set-up code or token: 1…256 characters, taken exactly as typed.
///
/// Its description and its reflection never show the text, so that it cannot reach a log.
package struct Secret: WireText, CustomStringConvertible, CustomReflectable {
    package static let rule = Schema.TextRule(least: 1, most: 256, format: "password")
    package static let isTrimmed = false
    package static let sample = Secret(checked: "correct horse battery staple")
    package let text: String
    package init(checked text: String) { self.text = text }
    package var description: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The key a client gives to one event or request, so that sending it again does nothing twice:
/// a UUID in its text form (RFC 9562), lower or upper case; kept in lower case.
package struct EventKey: WireText {
    package static let rule = Schema.TextRule(
        least: 36, most: 36,
        pattern: "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
        format: "uuid")
    package static let sample = EventKey(checked: "0192f0c4-7a30-7c11-8f2e-3b5a9d1c6e47")
    package let text: String
    package init(checked text: String) { self.text = text }

    package init(_ text: String) throws(WireFault) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { throw WireFault("bad_form") }
        for (index, byte) in bytes.enumerated() {
            let isDash = index == 8 || index == 13 || index == 18 || index == 23
            guard isDash ? byte == UInt8(ascii: "-") : HexDigit.value(of: byte) != nil else {
                throw WireFault("bad_form")
            }
        }
        self.text = text.lowercased()
    }
}

/// A short word for programs in a query or body: 1…64 of letters, digits and `. _ : -`.
package struct Word: WireText {
    package static let rule = Schema.TextRule(
        least: 1, most: 64, pattern: "^[A-Za-z0-9._:-]{1,64}$")
    package static let sample = Word(checked: "stock.moved")
    package let text: String
    package init(checked text: String) { self.text = text }

    package init(_ text: String) throws(WireFault) {
        try TextCheck.check(text, Self.rule, allowsLines: false)
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain else { throw WireFault("bad_form") }
        self.text = text
    }
}
