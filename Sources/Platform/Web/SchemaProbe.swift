// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// Derives the schema of an ordinary `Decodable` type by letting it decode itself from a decoder
/// that answers every question with an example and notes what was asked.
///
/// So a wire type is described once, by its own declaration: names, types, optional or not. What a
/// declaration cannot say (limits, formats) comes from the leaf types (`WireValue`). Types with a
/// hand-written `init(from:)` that branches on what it reads should be a `WireValue` themselves.
package enum SchemaProbe {
    package enum Failure: Error, Equatable {
        /// The type contains itself, or is nested deeper than any wire type should be.
        case tooDeep(String)
        /// The type refused an example; it should conform to `WireValue`.
        case refusesExamples(String)
    }

    /// The schema of `type`.
    package static func schema<T: Decodable>(of type: T.Type) throws -> Schema {
        try probe(type, depth: 0).schema
    }

    static func probe<T: Decodable>(_ type: T.Type, depth: Int) throws -> (value: T, schema: Schema)
    {
        guard depth < 16 else { throw Failure.tooDeep(String(reflecting: type)) }
        if let leaf = type as? any WireValue.Type {
            return (try same(try leaf.sample, type), leaf.schema)
        }
        if let choice = type as? any CaseIterable.Type, let found = cases(of: choice) {
            return (
                try same(found.first, type),
                .text(Schema.TextRule(most: found.longest, choices: found.texts))
            )
        }
        if let optional = type as? any OptionalShaped.Type {
            let inner = try optional.probeWrapped(depth: depth)
            return (try same(inner.value, type), inner.schema.nullable)
        }
        if let map = type as? any MapShaped.Type {
            let inner = try map.probeValue(depth: depth)
            return (try same(inner.value, type), Schema(.map(of: inner.schema)))
        }
        if let plain = plain(type) { return plain }
        let decoder = ProbeDecoder(name: String(reflecting: type), type: type, depth: depth)
        let value: T
        do {
            value = try T(from: decoder)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure.refusesExamples(String(reflecting: type))
        }
        return (value, decoder.schema)
    }

    private static func same<T>(_ value: Any, _ type: T.Type) throws -> T {
        guard let value = value as? T else {
            throw Failure.refusesExamples(String(reflecting: type))
        }
        return value
    }

    private static func plain<T>(_ type: T.Type) -> (value: T, schema: Schema)? {
        func found(_ value: Any, _ shape: Schema.Shape) -> (value: T, schema: Schema)? {
            (value as? T).map { ($0, Schema(shape)) }
        }
        return switch type {
        case is Bool.Type: found(false, .flag)
        case is String.Type: found("", .unboundedText)
        case is Int.Type: found(0, .unboundedInteger)
        case is Int64.Type: found(Int64(0), .unboundedInteger)
        case is Int32.Type: found(Int32(0), .unboundedInteger)
        case is UInt32.Type: found(UInt32(0), .unboundedInteger)
        case is Double.Type: found(Double(0), .number)
        default: nil
        }
    }

    private static func cases<E: CaseIterable>(
        of type: E.Type
    ) -> (first: Any, texts: [String], longest: Int)? {
        var texts: [String] = []
        for value in E.allCases {
            guard let raw = value as? any RawRepresentable, let text = raw.rawValue as? String
            else { return nil }
            texts.append(text)
        }
        guard let first = E.allCases.first else { return nil }
        return (first, texts, texts.map(\.unicodeScalars.count).max() ?? 0)
    }
}

private protocol OptionalShaped {
    static func probeWrapped(depth: Int) throws -> (value: Any, schema: Schema)
}

extension Optional: OptionalShaped where Wrapped: Decodable {
    fileprivate static func probeWrapped(depth: Int) throws -> (value: Any, schema: Schema) {
        let inner = try SchemaProbe.probe(Wrapped.self, depth: depth)
        return (Optional(inner.value) as Any, inner.schema)
    }
}

private protocol MapShaped {
    static func probeValue(depth: Int) throws -> (value: Any, schema: Schema)
}

extension Dictionary: MapShaped where Key == String, Value: Decodable {
    fileprivate static func probeValue(depth: Int) throws -> (value: Any, schema: Schema) {
        let inner = try SchemaProbe.probe(Value.self, depth: depth + 1)
        return (["name": inner.value], inner.schema)
    }
}

/// Notes what one value asks for.
private final class ProbeDecoder: Decoder {
    let name: String
    let notes: [String: String]
    let depth: Int
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]
    var mayBeNull: Set<String> = []
    private var fields: [Schema.Field]?
    private var element: Schema?
    private var single: Schema?

    init(name: String, type: any Any.Type, depth: Int) {
        self.name = name
        self.notes = (type as? any Described.Type)?.notes ?? [:]
        self.depth = depth
    }

    var schema: Schema {
        if let fields { return Schema(.record(name: name, fields: fields)) }
        if let element { return Schema(.list(of: element, most: Limit.listCount)) }
        // A type that asks for nothing is an empty record.
        return single ?? Schema(.record(name: name, fields: []))
    }

    func note(_ name: String, _ schema: Schema, isRequired: Bool) {
        guard fields?.contains(where: { $0.name == name }) != true else { return }
        fields =
            (fields ?? []) + [
                Schema.Field(name, schema, isRequired: isRequired, note: notes[name])
            ]
    }

    func note(element schema: Schema) { element = schema }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        fields = fields ?? []
        return KeyedDecodingContainer(ProbeRecord<Key>(decoder: self))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer { ProbeList(decoder: self) }

    func singleValueContainer() -> any SingleValueDecodingContainer { ProbeSingle(decoder: self) }

    func take<T: Decodable>(single type: T.Type) throws -> T {
        let inner = try SchemaProbe.probe(type, depth: depth + 1)
        single = inner.schema
        return inner.value
    }
}

private struct ProbeRecord<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ProbeDecoder
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }

    /// Asked before the value of an optional field of a standard type, and by hand-written
    /// decoders; the value itself is then asked for too.
    func decodeNil(forKey key: Key) -> Bool {
        decoder.mayBeNull.insert(key.stringValue)
        return false
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let inner = try SchemaProbe.probe(type, depth: decoder.depth + 1)
        let mayBeNull = decoder.mayBeNull.contains(key.stringValue)
        decoder.note(
            key.stringValue, mayBeNull ? inner.schema.nullable : inner.schema,
            isRequired: !mayBeNull)
        return inner.value
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        let inner = try SchemaProbe.probe(type, depth: decoder.depth + 1)
        decoder.note(key.stringValue, inner.schema.nullable, isRequired: false)
        return inner.value
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        throw SchemaProbe.Failure.refusesExamples(decoder.name)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw SchemaProbe.Failure.refusesExamples(decoder.name)
    }

    func superDecoder() throws -> any Decoder {
        throw SchemaProbe.Failure.refusesExamples(decoder.name)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        throw SchemaProbe.Failure.refusesExamples(decoder.name)
    }
}

private struct ProbeList: UnkeyedDecodingContainer {
    let decoder: ProbeDecoder
    var codingPath: [any CodingKey] { [] }
    var count: Int? { 1 }
    var isAtEnd: Bool { currentIndex > 0 }
    var currentIndex = 0

    init(decoder: ProbeDecoder) { self.decoder = decoder }

    func decodeNil() -> Bool { false }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let inner = try SchemaProbe.probe(type, depth: decoder.depth + 1)
        decoder.note(element: inner.schema)
        currentIndex += 1
        return inner.value
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        throw SchemaProbe.Failure.refusesExamples(decoder.name)
    }

    func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw SchemaProbe.Failure.refusesExamples(decoder.name)
    }

    func superDecoder() throws -> any Decoder {
        throw SchemaProbe.Failure.refusesExamples(decoder.name)
    }
}

private struct ProbeSingle: SingleValueDecodingContainer {
    let decoder: ProbeDecoder
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.take(single: type) }
}
