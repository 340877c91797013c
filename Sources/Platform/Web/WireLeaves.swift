// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A whole number of things, 0…10¹², written as a JSON integer.
package struct Count: WireValue, Hashable {
    package static let range: ClosedRange<Int64> = 0...1_000_000_000_000
    package static let schema = Schema(.integer(range))
    package static let sample = Count(checked: 12)
    package let value: Int64

    private init(checked value: Int64) { self.value = value }

    package init(_ value: Int64) throws(WireFault) {
        guard Self.range.contains(value) else { throw WireFault("out_of_range") }
        self.value = value
    }

    package init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(Int64.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// A whole number between two bounds that belong to its place, for example `Whole<1, 200>`.
///
/// The bounds fit 32 bits, which the contract tests check: where Swift finds a type by its name at run
/// time, as for the fields of a record, it cuts larger ones. A leaf type of its own has none.
package struct Whole<let least: Int, let most: Int>: WireValue, Hashable {
    package static var schema: Schema { Schema(.integer(Int64(least)...Int64(most))) }
    package static var sample: Self { Self(checked: least) }
    package let value: Int

    private init(checked value: Int) { self.value = value }

    package init(_ value: Int) throws(WireFault) {
        guard value >= least && value <= most else { throw WireFault("out_of_range") }
        self.value = value
    }

    package init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(Int.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// Yes or no; the same as `Bool`, for declarations that read better with a noun.
package typealias Flag = Bool

extension Bool: WireValue {
    package static var schema: Schema { Schema(.flag) }
    package static var sample: Bool { true }
}

/// One of the raw values of an enum that itself is not `Codable` (the domain's own).
package struct Choice<E>: WireValue
where E: CaseIterable & RawRepresentable & Sendable, E.RawValue == String {
    package static var schema: Schema {
        let texts = E.allCases.map(\.rawValue)
        let longest = texts.map(\.unicodeScalars.count).max() ?? 0
        return .text(Schema.TextRule(most: longest, choices: texts))
    }
    /// The first case; an enum without cases cannot be asked for on the wire.
    package static var sample: Self { Self(E.allCases[E.allCases.startIndex]) }
    package let value: E

    package init(_ value: E) { self.value = value }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = E(rawValue: text) else { throw WireFault("not_a_choice") }
        self.value = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value.rawValue)
    }
}

extension Choice: Equatable where E: Equatable {}
extension Choice: Hashable where E: Hashable {}

/// A list with a limit of its own, for example `List<LineRequest, 200>`; a plain array on the wire
/// has `Limit.listCount`.
package struct List<Element: Codable & Sendable, let most: Int>: WireValue {
    /// A list of an element that has no schema is anything, which contract tests refuse.
    package static var schema: Schema {
        guard let element = try? SchemaProbe.schema(of: Element.self) else {
            return Schema(.anything)
        }
        return Schema(.list(of: element, most: most))
    }
    package static var sample: Self {
        let element = try? SchemaProbe.probe(Element.self, depth: 1).value
        return Self(checked: element.map { [$0] } ?? [])
    }
    package let elements: [Element]

    private init(checked elements: [Element]) { self.elements = elements }

    package init(_ elements: [Element]) throws(WireFault) {
        guard elements.count <= most else { throw WireFault("too_many") }
        self.elements = elements
    }

    package init(from decoder: any Decoder) throws {
        try self.init(try [Element](from: decoder))
    }

    package func encode(to encoder: any Encoder) throws { try elements.encode(to: encoder) }
}

/// JSON of any shape, for facts whose names are data. Answers only: in a request it has no limit
/// and contract tests refuse it.
extension JSON: WireValue {
    package static var schema: Schema { Schema(.anything) }
    package static var sample: JSON { .record([]) }

    /// Works with this module's decoder only, which recognises the type before asking it.
    package init(from decoder: any Decoder) throws { throw WireFault("wrong_type") }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .flag(let flag):
            var container = encoder.singleValueContainer()
            try container.encode(flag)
        case .integer(let number):
            var container = encoder.singleValueContainer()
            try container.encode(number)
        case .decimal(let text), .text(let text):
            var container = encoder.singleValueContainer()
            try container.encode(text)
        case .list(let elements):
            try elements.encode(to: encoder)
        case .record(let members):
            let pairs = members.map { ($0.name, $0.value) }
            try Dictionary(pairs, uniquingKeysWith: { $1 }).encode(to: encoder)
        }
    }
}
