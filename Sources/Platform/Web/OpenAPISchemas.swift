// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The records of an API document, each written once under its name.
struct Components {
    /// A request may leave optional fields out; an answer always holds them, null when empty.
    enum Direction {
        case request, answer
    }

    private(set) var schemas: [String: JSON] = [:]

    /// A reference to the record, which is added under its name; other shapes stand in place.
    mutating func named(_ schema: Schema, _ direction: Direction) -> JSON {
        guard case .record(let name, _) = schema.shape else { return inline(schema, direction) }
        let written = inline(Schema(schema.shape), direction)
        let reference = JSON.object([
            "$ref": .text("#/components/schemas/" + register(written, Self.plain(name)))
        ])
        guard schema.isNullable else { return reference }
        return .object(["anyOf": .list([reference, .object(["type": .text("null")])])])
    }

    /// The same name may belong to two records (one type in request and answer); the second gets a
    /// number.
    private mutating func register(_ written: JSON, _ name: String) -> String {
        var candidate = name
        var number = 2
        while let known = schemas[candidate], known != written {
            candidate = "\(name)_\(number)"
            number += 1
        }
        schemas[candidate] = written
        return candidate
    }

    /// "Catalog.Page<Catalog.ItemView>" as "Catalog.Page_Catalog.ItemView"; what Swift puts in
    /// parentheses for private types is left out, because it changes from build to build.
    private static func plain(_ name: String) -> String {
        var depth = 0
        var text = ""
        for character in name {
            switch character {
            case "(": depth += 1
            case ")": depth -= 1
            case _ where depth > 0: continue
            case "a"..."z", "A"..."Z", "0"..."9", "_", "-": text.append(character)
            case "." where text.hasSuffix("."): continue
            case ".": text.append(character)
            case " ", ">": continue
            default: text.append("_")
            }
        }
        return text
    }

    /// The schema in place.
    mutating func inline(_ schema: Schema, _ direction: Direction) -> JSON {
        var members = shape(schema.shape, direction)
        guard schema.isNullable else { return .object(members) }
        if case .record = schema.shape { return named(schema, direction) }
        if case .text(let type)? = members["type"] {
            members["type"] = .list([.text(type), .text("null")])
            if case .list(let choices)? = members["enum"] {
                members["enum"] = .list(choices + [.null])
            }
        }
        return .object(members)
    }

    private mutating func shape(
        _ shape: Schema.Shape, _ direction: Direction
    ) -> [String: JSON] {
        switch shape {
        case .text(let rule): return Self.text(rule)
        case .unboundedText: return ["type": .text("string")]
        case .integer(let range):
            return [
                "type": .text("integer"), "format": .text("int64"),
                "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
            ]
        case .unboundedInteger: return ["type": .text("integer"), "format": .text("int64")]
        case .number: return ["type": .text("number")]
        case .flag: return ["type": .text("boolean")]
        case .anything: return [:]
        case .list(let element, let most):
            return [
                "type": .text("array"), "items": named(element, direction),
                "maxItems": .integer(Int64(most)),
            ]
        case .map(let value):
            return [
                "type": .text("object"), "additionalProperties": named(value, direction),
            ]
        case .record(_, let fields): return record(fields, direction)
        }
    }

    private mutating func record(
        _ fields: [Schema.Field], _ direction: Direction
    ) -> [String: JSON] {
        var properties: [String: JSON] = [:]
        var required: [String] = []
        for field in fields {
            var written = named(field.schema, direction)
            if let note = field.note, case .record(let members) = written {
                written = .record(members + [JSON.Member("description", .text(note))])
            }
            properties[field.name] = written
            if field.isRequired || direction == .answer { required.append(field.name) }
        }
        var members: [String: JSON] = [
            "type": .text("object"), "properties": .object(properties),
            "additionalProperties": .flag(false),
        ]
        if !required.isEmpty { members["required"] = .list(required.sorted().map { .text($0) }) }
        return members
    }

    private static func text(_ rule: Schema.TextRule) -> [String: JSON] {
        var members: [String: JSON] = ["type": .text("string")]
        if !rule.choices.isEmpty {
            members["enum"] = .list(rule.choices.map { .text($0) })
            return members
        }
        if rule.least > 0 { members["minLength"] = .integer(Int64(rule.least)) }
        members["maxLength"] = .integer(Int64(rule.most))
        if let pattern = rule.pattern { members["pattern"] = .text(pattern) }
        if let format = rule.format { members["format"] = .text(format) }
        return members
    }
}
