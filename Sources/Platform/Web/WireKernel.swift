// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

// How the values of the Kernel are written on the wire: each as one text.

/// Encodes a value as the text it describes itself with.
private func encode(_ text: String, to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
}

private func text(from decoder: any Decoder, most: Int) throws -> String {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard text.utf8.count <= most else { throw WireFault("too_long") }
    return text
}

/// "1.250": a decimal text whose digits behind the point are the scale.
extension Quantity: WireValue {
    private static let rule = Schema.TextRule(
        least: 1, most: 21, pattern: "^-?[0-9]{1,19}(\\.[0-9]{1,6})?$")
    package static var schema: Schema { .text(rule) }
    package static var sample: Quantity { get throws { try Quantity(decimal: "12.500") } }

    package init(from decoder: any Decoder) throws {
        let decimal = try text(from: decoder, most: Self.rule.most)
        do throws(ArithmeticRefusal) {
            try self.init(decimal: decimal)
        } catch {
            throw WireFault(error == .malformed ? "bad_form" : "out_of_range")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        try Web.encode(decimal, to: encoder)
    }
}

/// "itm-42".
extension ID: Codable, WireValue {
    package static var schema: Schema {
        .text(
            Schema.TextRule(
                least: Noun.prefix.count + 2, most: Noun.prefix.count + 20,
                pattern: "^" + Noun.prefix + "-[1-9][0-9]{0,18}$"))
    }
    package static var sample: ID { ID(1) }

    package init(from decoder: any Decoder) throws {
        guard let id = ID(text: try text(from: decoder, most: 64)) else {
            throw WireFault("bad_form")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        try Web.encode(description, to: encoder)
    }
}

/// RFC 3339 in UTC with six digits of a second; any offset is understood.
extension Instant: WireValue {
    package static var schema: Schema {
        .text(Schema.TextRule(least: 20, most: 40, format: "date-time"))
    }
    package static var sample: Instant { Instant(microseconds: 1_795_420_800_000_000) }

    package init(from decoder: any Decoder) throws {
        let written = try text(from: decoder, most: 40)
        do throws(ArithmeticRefusal) {
            try self.init(rfc3339: written)
        } catch {
            throw WireFault(error == .malformed ? "bad_form" : "out_of_range")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        try Web.encode(rfc3339, to: encoder)
    }
}

/// "2026-11-23".
extension BusinessDay: WireValue {
    package static var schema: Schema {
        .text(Schema.TextRule(least: 10, most: 10, format: "date"))
    }
    package static var sample: BusinessDay {
        get throws { try BusinessDay(year: 2026, month: 11, day: 23) }
    }

    package init(from decoder: any Decoder) throws {
        let written = try text(from: decoder, most: 10)
        do throws(ArithmeticRefusal) {
            try self.init(written)
        } catch {
            throw WireFault(error == .malformed ? "bad_form" : "out_of_range")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        try Web.encode(description, to: encoder)
    }
}

/// "zh-CN" or "en".
extension Language: WireValue {
    package static var schema: Schema { Choice<Language>.schema }
    package static var sample: Language { .en }
}

/// A text without meaning to its reader.
extension Cursor: WireValue {
    package static var schema: Schema {
        .text(
            Schema.TextRule(
                least: 1, most: textMax, pattern: "^[A-Za-z0-9_-]{1,\(textMax)}$"))
    }
    package static var sample: Cursor { Cursor([.integer(1)]) }

    package init(from decoder: any Decoder) throws {
        let written = try Web.text(from: decoder, most: Cursor.textMax)
        // What has the form of one and is none of ours is a matter of its own: `PageRefusal`.
        guard !written.isEmpty, written.utf8.allSatisfy(Cursor.isPlain) else {
            throw WireFault("bad_form")
        }
        try self.init(text: written)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    package func encode(to encoder: any Encoder) throws {
        try Web.encode(text, to: encoder)
    }
}

/// "stock.adjust".
extension Permission: WireValue {
    package static var schema: Schema {
        .text(Schema.TextRule(least: 3, most: 64, pattern: "^[a-z]+(\\.[a-z_]+)+$"))
    }
    package static var sample: Permission { Permission("sample.see") }

    package init(from decoder: any Decoder) throws {
        self.init(try text(from: decoder, most: 64))
    }

    package func encode(to encoder: any Encoder) throws {
        try Web.encode(code, to: encoder)
    }
}

/// {"items": […], "next": "cursor" or null}.
extension Page: Codable where Item: Codable {
    private enum Names: String, CodingKey {
        case items, next
    }

    package init(from decoder: any Decoder) throws {
        let record = try decoder.container(keyedBy: Names.self)
        self.init(
            items: try record.decode([Item].self, forKey: .items),
            next: try record.decodeIfPresent(Cursor.self, forKey: .next))
    }

    package func encode(to encoder: any Encoder) throws {
        var record = encoder.container(keyedBy: Names.self)
        try record.encode(items, forKey: .items)
        try record.encodeIfPresent(next, forKey: .next)
    }
}

/// A fact as the JSON it is; answers only.
extension Fact: WireValue {
    package static var schema: Schema { Schema(.anything) }
    package static var sample: Fact { .none }

    /// Facts are told, never asked for.
    package init(from decoder: any Decoder) throws { throw WireFault("wrong_type") }

    package func encode(to encoder: any Encoder) throws { try JSON(self).encode(to: encoder) }
}
