// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

extension JSON {
    /// The JSON of an ordinary `Encodable` value.
    ///
    /// Unlike Foundation's encoder this one writes null for an empty optional instead of leaving
    /// the name out: on this wire every name of an answer is always present.
    package init(encoding value: some Encodable) throws {
        self = try WireEncoder.encode(value)
    }
}

/// Builds the JSON of one value.
private final class WireEncoder: Encoder {
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]
    fileprivate var single: JSON?
    private var record: RecordSink?
    private var list: ListSink?

    static func encode<T: Encodable>(_ value: T) throws -> JSON {
        if let json = value as? JSON { return json }
        let encoder = WireEncoder()
        try value.encode(to: encoder)
        return encoder.json
    }

    var json: JSON {
        if let record { return record.json }
        if let list { return list.json }
        // A type that writes nothing is an empty record.
        return single ?? .record([])
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        let sink = record ?? RecordSink()
        record = sink
        return KeyedEncodingContainer(RecordWriter<Key>(sink: sink))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        let sink = list ?? ListSink()
        list = sink
        return ListWriter(sink: sink)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleWriter(encoder: self) }
}

/// A finished value, or one whose container is still being written to.
private enum Piece {
    case ready(JSON)
    case pending(WireEncoder)

    var json: JSON {
        switch self {
        case .ready(let json): json
        case .pending(let encoder): encoder.json
        }
    }
}

private final class RecordSink {
    private var names: [String] = []
    private var pieces: [Piece] = []

    func set(_ name: String, _ piece: Piece) {
        names.append(name)
        pieces.append(piece)
    }

    var json: JSON {
        .record(zip(names, pieces).map { JSON.Member($0, $1.json) })
    }
}

private final class ListSink {
    private(set) var pieces: [Piece] = []

    func append(_ piece: Piece) { pieces.append(piece) }

    var json: JSON { .list(pieces.map(\.json)) }
}

/// Whole numbers as they are, or as text beyond `Int64`.
private func whole(_ value: some FixedWidthInteger) -> JSON {
    Int64(exactly: value).map { .integer($0) } ?? .decimal(String(value))
}

private struct RecordWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let sink: RecordSink
    var codingPath: [any CodingKey] { [] }

    private func set(_ key: Key, _ json: JSON) { sink.set(key.stringValue, .ready(json)) }

    func encodeNil(forKey key: Key) { set(key, .null) }
    func encode(_ value: Bool, forKey key: Key) { set(key, .flag(value)) }
    func encode(_ value: String, forKey key: Key) { set(key, .text(value)) }
    func encode(_ value: Int, forKey key: Key) { set(key, whole(value)) }
    func encode(_ value: Int64, forKey key: Key) { set(key, .integer(value)) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        set(key, try WireEncoder.encode(value))
    }

    func encodeIfPresent(_ value: Bool?, forKey key: Key) {
        set(key, value.map { .flag($0) } ?? .null)
    }
    func encodeIfPresent(_ value: String?, forKey key: Key) {
        set(key, value.map { .text($0) } ?? .null)
    }
    func encodeIfPresent(_ value: Int?, forKey key: Key) {
        set(key, value.map { whole($0) } ?? .null)
    }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) {
        set(key, value.map { .integer($0) } ?? .null)
    }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) {
        set(key, value.map { whole($0) } ?? .null)
    }
    func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
        set(key, try value.map { try WireEncoder.encode($0) } ?? .null)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        let inner = WireEncoder()
        sink.set(key.stringValue, .pending(inner))
        return inner.container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        let inner = WireEncoder()
        sink.set(key.stringValue, .pending(inner))
        return inner.unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        let inner = WireEncoder()
        sink.set("super", .pending(inner))
        return inner
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        let inner = WireEncoder()
        sink.set(key.stringValue, .pending(inner))
        return inner
    }
}

private struct ListWriter: UnkeyedEncodingContainer {
    let sink: ListSink
    var codingPath: [any CodingKey] { [] }
    var count: Int { sink.pieces.count }

    func encodeNil() { sink.append(.ready(.null)) }
    func encode(_ value: String) { sink.append(.ready(.text(value))) }
    func encode<T: Encodable>(_ value: T) throws {
        sink.append(.ready(try WireEncoder.encode(value)))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        let inner = WireEncoder()
        sink.append(.pending(inner))
        return inner.container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        let inner = WireEncoder()
        sink.append(.pending(inner))
        return inner.unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        let inner = WireEncoder()
        sink.append(.pending(inner))
        return inner
    }
}

private struct SingleWriter: SingleValueEncodingContainer {
    let encoder: WireEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { encoder.single = .null }
    func encode(_ value: Bool) { encoder.single = .flag(value) }
    func encode(_ value: String) { encoder.single = .text(value) }
    func encode(_ value: Int) { encoder.single = whole(value) }
    func encode(_ value: Int8) { encoder.single = whole(value) }
    func encode(_ value: Int16) { encoder.single = whole(value) }
    func encode(_ value: Int32) { encoder.single = whole(value) }
    func encode(_ value: Int64) { encoder.single = .integer(value) }
    func encode(_ value: UInt) { encoder.single = whole(value) }
    func encode(_ value: UInt8) { encoder.single = whole(value) }
    func encode(_ value: UInt16) { encoder.single = whole(value) }
    func encode(_ value: UInt32) { encoder.single = whole(value) }
    func encode(_ value: UInt64) { encoder.single = whole(value) }
    /// Floating point has no place on this wire; refusing here also ends what would be an endless
    /// recursion through `Double.encode(to:)`.
    func encode(_ value: Double) throws { throw WireFault("wrong_type") }
    func encode(_ value: Float) throws { throw WireFault("wrong_type") }
    func encode<T: Encodable>(_ value: T) throws { encoder.single = try WireEncoder.encode(value) }
}
