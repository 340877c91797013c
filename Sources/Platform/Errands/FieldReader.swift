// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Web

/// Reads the members of one JSON record, each once; what was not asked for is refused at the end.
struct FieldReader {
    private let path: String
    private var rest: [String: JSON] = [:]

    /// - Parameter path: where the record stands, for messages: `target.s3`; empty for the whole.
    init(_ value: JSON?, at path: String) throws(ErrandRefusal) {
        self.path = path
        guard case .record(let members) = value else {
            throw .fieldInvalid(field: path.isEmpty ? "errand" : path, wants: "a JSON record")
        }
        // The reader of JSON has refused repeated names.
        for member in members { rest[member.name] = member.value }
    }

    func name(_ field: String) -> String { path.isEmpty ? field : "\(path).\(field)" }

    private func refuse(_ field: String, _ wants: String) -> ErrandRefusal {
        .fieldInvalid(field: name(field), wants: wants)
    }

    /// Any value, nil when it is absent or null.
    mutating func value(_ field: String) -> JSON? {
        let value = rest.removeValue(forKey: field)
        return value == .null ? nil : value
    }

    mutating func textOrNil(_ field: String) throws(ErrandRefusal) -> String? {
        guard let value = value(field) else { return nil }
        guard let text = value.text else { throw refuse(field, "a text") }
        return text
    }

    mutating func text(_ field: String) throws(ErrandRefusal) -> String {
        guard let text = try textOrNil(field) else { throw refuse(field, "a text") }
        return text
    }

    mutating func integerOrNil(_ field: String) throws(ErrandRefusal) -> Int64? {
        guard let value = value(field) else { return nil }
        guard let number = value.integer else { throw refuse(field, "a whole number") }
        return number
    }

    mutating func integer(_ field: String) throws(ErrandRefusal) -> Int64 {
        guard let number = try integerOrNil(field) else { throw refuse(field, "a whole number") }
        return number
    }

    mutating func flag(_ field: String) throws(ErrandRefusal) -> Bool {
        guard let flag = value(field)?.flag else { throw refuse(field, "true or false") }
        return flag
    }

    mutating func list(_ field: String, most: Int) throws(ErrandRefusal) -> [JSON] {
        guard case .list(let elements) = value(field), elements.count <= most else {
            throw refuse(field, "a list of at most \(most)")
        }
        return elements
    }

    /// Refuses members that nobody asked for: a misspelt setting must not be silently without
    /// effect.
    func end() throws(ErrandRefusal) {
        if let stranger = rest.keys.min() { throw refuse(stranger, "nothing of this name") }
    }
}

extension JSON {
    /// Reads one document of at most `bytesMax` bytes.
    static func document(_ bytes: [UInt8], bytesMax: Int) throws(ErrandRefusal) -> JSON {
        guard bytes.count <= bytesMax else {
            throw .fieldInvalid(field: "errand", wants: "at most \(bytesMax) bytes")
        }
        do throws(JSONFault) {
            return try JSON(reading: bytes, depthMax: 8)
        } catch {
            throw .fieldInvalid(field: "errand", wants: "JSON, from byte \(error.offset) on")
        }
    }
}
