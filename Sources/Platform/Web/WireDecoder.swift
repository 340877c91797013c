// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// Decodes ordinary `Decodable` types from a JSON value.
///
/// Faults travel outwards as `WireFault`; each container puts its name in front, so the pointer
/// costs nothing while all is well.
struct WireDecoder: Decoder {
    let value: JSON
    /// Values come from a query, a path or a form: every leaf is written as text.
    let isTextual: Bool
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func decode<T: Decodable>(_ type: T.Type, from value: JSON, isTextual: Bool) throws -> T
    {
        if type == JSON.self, let value = value as? T { return value }
        do {
            return try T(from: WireDecoder(value: value, isTextual: isTextual))
        } catch is DecodingError {
            // The standard library's own words, for example for the raw value of an enum.
            throw WireFault("not_a_choice")
        }
    }

    func container<Key: CodingKey>(
        keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        guard case .record(let members) = value else { throw WireFault("wrong_type") }
        return KeyedDecodingContainer(WireRecord<Key>(members: members, isTextual: isTextual))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .list(let elements) = value else { throw WireFault("wrong_type") }
        guard elements.count <= Limit.listCount else { throw WireFault("too_many") }
        return WireList(elements: elements, isTextual: isTextual)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        WireSingle(value: value, isTextual: isTextual)
    }
}

/// The reading of single leaves.
private enum Leaf {
    static func text(_ value: JSON) throws -> String {
        guard case .text(let text) = value else { throw WireFault("wrong_type") }
        return text
    }

    static func flag(_ value: JSON, isTextual: Bool) throws -> Bool {
        switch value {
        case .flag(let flag): return flag
        case .text("true") where isTextual: return true
        case .text("false") where isTextual: return false
        default: throw WireFault("wrong_type")
        }
    }

    static func integer<T: FixedWidthInteger>(_ value: JSON, isTextual: Bool) throws -> T {
        switch value {
        case .integer(let number):
            guard let number = T(exactly: number) else { throw WireFault("out_of_range") }
            return number
        case .text(let text) where isTextual:
            guard let number = T(text), String(number) == text else {
                throw WireFault("wrong_type")
            }
            return number
        case .decimal(let text) where text.utf8.allSatisfy({ $0 != UInt8(ascii: ".") }):
            throw WireFault("out_of_range")
        default:
            throw WireFault("wrong_type")
        }
    }
}

private struct WireRecord<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [JSON.Member]
    let isTextual: Bool
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { members.compactMap { Key(stringValue: $0.name) } }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    private func find(_ key: Key) -> JSON? {
        let name = key.stringValue
        for member in members where member.name == name { return member.value }
        return nil
    }

    private func at<T>(_ key: Key, _ body: (JSON) throws -> T) throws -> T {
        do {
            guard let value = find(key) else { throw WireFault("missing") }
            return try body(value)
        } catch var fault as WireFault {
            fault.path.insert(key.stringValue, at: 0)
            throw fault
        }
    }

    func decodeNil(forKey key: Key) throws -> Bool { find(key).map { $0 == .null } ?? true }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        try at(key) { try Leaf.flag($0, isTextual: isTextual) }
    }

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        try at(key, Leaf.text)
    }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
        try at(key) { try Leaf.integer($0, isTextual: isTextual) }
    }

    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 {
        try at(key) { try Leaf.integer($0, isTextual: isTextual) }
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try at(key) { try WireDecoder.decode(type, from: $0, isTextual: isTextual) }
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        guard let value = find(key), value != .null else { return nil }
        return try decode(type, forKey: key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try at(key) {
            try WireDecoder(value: $0, isTextual: isTextual).container(keyedBy: type)
        }
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try at(key) { try WireDecoder(value: $0, isTextual: isTextual).unkeyedContainer() }
    }

    func superDecoder() throws -> any Decoder {
        WireDecoder(value: .record(members), isTextual: isTextual)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        WireDecoder(value: find(key) ?? .null, isTextual: isTextual)
    }
}

private struct WireList: UnkeyedDecodingContainer {
    let elements: [JSON]
    let isTextual: Bool
    var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    init(elements: [JSON], isTextual: Bool) {
        self.elements = elements
        self.isTextual = isTextual
    }

    private mutating func next<T>(_ body: (JSON) throws -> T) throws -> T {
        guard currentIndex < elements.count else { throw WireFault("missing") }
        do {
            let value = try body(elements[currentIndex])
            currentIndex += 1
            return value
        } catch var fault as WireFault {
            fault.path.insert(String(currentIndex), at: 0)
            throw fault
        }
    }

    mutating func decodeNil() -> Bool {
        guard !isAtEnd, elements[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let isTextual = isTextual
        return try next { try WireDecoder.decode(type, from: $0, isTextual: isTextual) }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        let isTextual = isTextual
        return try next {
            try WireDecoder(value: $0, isTextual: isTextual).container(keyedBy: type)
        }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let isTextual = isTextual
        return try next { try WireDecoder(value: $0, isTextual: isTextual).unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder {
        let isTextual = isTextual
        return try next { WireDecoder(value: $0, isTextual: isTextual) }
    }
}

private struct WireSingle: SingleValueDecodingContainer {
    let value: JSON
    let isTextual: Bool
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { value == .null }

    func decode(_ type: Bool.Type) throws -> Bool { try Leaf.flag(value, isTextual: isTextual) }
    func decode(_ type: String.Type) throws -> String { try Leaf.text(value) }
    func decode(_ type: Int.Type) throws -> Int { try Leaf.integer(value, isTextual: isTextual) }
    func decode(_ type: Int8.Type) throws -> Int8 { try Leaf.integer(value, isTextual: isTextual) }
    func decode(_ type: Int16.Type) throws -> Int16 {
        try Leaf.integer(value, isTextual: isTextual)
    }
    func decode(_ type: Int32.Type) throws -> Int32 {
        try Leaf.integer(value, isTextual: isTextual)
    }
    func decode(_ type: Int64.Type) throws -> Int64 {
        try Leaf.integer(value, isTextual: isTextual)
    }
    func decode(_ type: UInt.Type) throws -> UInt { try Leaf.integer(value, isTextual: isTextual) }
    func decode(_ type: UInt8.Type) throws -> UInt8 {
        try Leaf.integer(value, isTextual: isTextual)
    }
    func decode(_ type: UInt16.Type) throws -> UInt16 {
        try Leaf.integer(value, isTextual: isTextual)
    }
    func decode(_ type: UInt32.Type) throws -> UInt32 {
        try Leaf.integer(value, isTextual: isTextual)
    }
    func decode(_ type: UInt64.Type) throws -> UInt64 {
        try Leaf.integer(value, isTextual: isTextual)
    }
    /// Floating point has no place on this wire; without these two the generic function below
    /// would call itself through `Double.init(from:)`.
    func decode(_ type: Double.Type) throws -> Double { throw WireFault("wrong_type") }
    func decode(_ type: Float.Type) throws -> Float { throw WireFault("wrong_type") }
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try WireDecoder.decode(type, from: value, isTextual: isTextual)
    }
}
