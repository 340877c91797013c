// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A request type together with its schema, both fixed at start-up: decoding then costs one pass.
package struct WireForm<T: Decodable & Sendable>: Sendable {
    package let schema: Schema

    /// Probes `type`; throws `SchemaProbe.Failure` for a type that cannot be described.
    package init(_ type: T.Type) throws {
        schema = try SchemaProbe.schema(of: type)
    }

    /// Decodes a JSON body.
    ///
    /// Refuses with `WebRefusal.malformed` what is no JSON document, and with
    /// `WebRefusal.fields` everything that does not fit `T`, each with its pointer.
    package func decode(json bytes: [UInt8]) throws -> T {
        let document: JSON
        do throws(JSONFault) {
            document = try JSON(reading: bytes)
        } catch {
            throw WebRefusal.malformed(reason: error.reason.rawValue, offset: error.offset)
        }
        return try decode(document, isTextual: false)
    }

    /// Decodes the pairs of a query, a path or a form; a repeated name is refused. An optional
    /// field left empty counts as absent: a search form always sends all its fields.
    package func decode(pairs: [(name: String, value: String)]) throws -> T {
        var members: [JSON.Member] = []
        members.reserveCapacity(pairs.count)
        for pair in pairs {
            if members.contains(where: { $0.name == pair.name }) {
                throw WebRefusal.fields([WireFault("repeated", path: [pair.name])])
            }
            if pair.value.isEmpty && isOptional(pair.name) { continue }
            members.append(JSON.Member(pair.name, .text(pair.value)))
        }
        return try decode(.record(members), isTextual: true)
    }

    /// Decodes a form body (`application/x-www-form-urlencoded`, WHATWG URL standard 5.1).
    package func decode(form bytes: [UInt8]) throws -> T {
        let pairs: [(name: String, value: String)]
        do throws(TargetFault) {
            pairs = try QueryReader.pairs(of: bytes[...])
        } catch {
            throw WebRefusal.malformed(reason: "unreadable", offset: 0)
        }
        return try decode(pairs: pairs)
    }

    private func isOptional(_ name: String) -> Bool {
        schema.fields.contains { $0.name == name && !$0.isRequired }
    }

    private func decode(_ value: JSON, isTextual: Bool) throws -> T {
        let faults = schema.faults(in: value, isTextual: isTextual, looksIntoLeaves: false)
        guard faults.isEmpty else { throw WebRefusal.fields(faults) }
        do {
            return try WireDecoder.decode(T.self, from: value, isTextual: isTextual)
        } catch let fault as WireFault {
            // One leaf was refused; look for its fellows so that a form shows all at once.
            var others = schema.faults(in: value, isTextual: isTextual, looksIntoLeaves: true)
            others.removeAll { $0.path == fault.path }
            throw WebRefusal.fields([fault] + others)
        }
    }
}
