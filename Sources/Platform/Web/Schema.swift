// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// What a value on the wire may look like: the part of JSON Schema 2020-12 that Sluice uses.
package struct Schema: Sendable, Hashable {
    package indirect enum Shape: Sendable, Hashable {
        case text(TextRule)
        case integer(ClosedRange<Int64>)
        case flag
        case list(of: Schema, most: Int)
        /// `name` is the full name of the Swift type, for the document's component list.
        case record(name: String, fields: [Field])
        /// A record whose names are data, all values of one schema.
        case map(of: Schema)
        case anything
        /// A bare `String`: fine in an answer, refused in a request by the contract tests (R11).
        case unboundedText
        /// A bare integer type.
        case unboundedInteger
        /// A floating-point type, which has no place on this wire.
        case number
    }

    /// The limits of a text; lengths count Unicode scalars, as JSON Schema does.
    package struct TextRule: Sendable, Hashable {
        package let least: Int
        package let most: Int
        package let pattern: String?
        package let format: String?
        package let choices: [String]

        package init(
            least: Int = 0, most: Int, pattern: String? = nil, format: String? = nil,
            choices: [String] = []
        ) {
            self.least = least
            self.most = most
            self.pattern = pattern
            self.format = format
            self.choices = choices
        }
    }

    package struct Field: Sendable, Hashable {
        package let name: String
        package let schema: Schema
        /// Optional fields may be absent in a request; an answer holds null instead.
        package let isRequired: Bool
        package let note: String?

        package init(_ name: String, _ schema: Schema, isRequired: Bool = true, note: String? = nil)
        {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
            self.note = note
        }
    }

    package let shape: Shape
    package let isNullable: Bool

    package init(_ shape: Shape, isNullable: Bool = false) {
        self.shape = shape
        self.isNullable = isNullable
    }

    /// The same schema, null allowed.
    package var nullable: Schema { Schema(shape, isNullable: true) }

    package static func text(_ rule: TextRule) -> Schema { Schema(.text(rule)) }

    /// The fields of a record, empty for every other shape.
    package var fields: [Field] {
        if case .record(_, let fields) = shape { fields } else { [] }
    }

    /// Whether the empty text is one of its own values.
    var takesEmptyText: Bool {
        switch shape {
        case .unboundedText, .anything: true
        case .text(let rule): rule.least == 0 && rule.choices.isEmpty
        default: false
        }
    }

    /// Pointers to the places without a limit: bare text, integers and floating point. Contract
    /// tests refuse request schemas for which this is not empty.
    package var unboundedPlaces: [String] { unboundedPlaces(at: "") }

    private func unboundedPlaces(at pointer: String) -> [String] {
        switch shape {
        case .unboundedText, .unboundedInteger, .number, .anything:
            return [pointer]
        case .text, .integer, .flag:
            return []
        case .list(let element, _):
            return element.unboundedPlaces(at: pointer + "/-")
        case .map(let value):
            return [pointer] + value.unboundedPlaces(at: pointer + "/*")
        case .record(_, let fields):
            return fields.flatMap { $0.schema.unboundedPlaces(at: pointer + "/" + $0.name) }
        }
    }
}

/// A leaf of the wire: a type with its own limits, which knows its schema and a valid example.
///
/// `init(from:)` throws `WireFault` for a text or number outside the limits.
package protocol WireValue: Codable, Sendable {
    static var schema: Schema { get }
    static var sample: Self { get throws }
}

/// A record that explains its fields in the API document.
package protocol Described {
    /// One sentence per field, by the field's name on the wire.
    static var notes: [String: String] { get }
}

/// The refusal of one value while it is decoded; the decoder puts the pointer in front of it.
package struct WireFault: Error, Equatable {
    /// What is wrong, as a word for programs: `missing`, `wrong_type`, `too_long`, `out_of_range`.
    package let code: String
    /// Names and places from the outermost inwards.
    package var path: [String]

    package init(_ code: String, path: [String] = []) {
        self.code = code
        self.path = path
    }

    /// RFC 6901: `~` and `/` inside a name are escaped.
    var pointer: String {
        path.map { "/" + Self.escaped($0) }.joined()
    }

    static func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") })
        else { return name }
        var text = ""
        for character in name.unicodeScalars {
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }
}
