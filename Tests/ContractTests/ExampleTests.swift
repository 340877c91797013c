// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing
import Web

/// What the description of the API promises, tried out.
struct ExampleTests {
    private let stocked: Stocked
    private var probe: Probe { stocked.probe }

    init() throws { stocked = try Stocked() }

    @Test func `every example is a request that its endpoint understands`() throws {
        var tried = 0
        for endpoint in probe.endpoints {
            // Understood like any empty record, and then it would open other books.
            guard let example = endpoint.example, endpoint.path.text != "/api/v1/practice" else {
                continue
            }
            tried += 1
            var call = probe.call(endpoint)
            call.body = Array(example.utf8)
            let reply = try probe.send(call)
            #expect(reply.status < 500, "\(endpoint.name): \(reply.code)")
            #expect(
                !reply.code.hasPrefix("request."),
                "\(endpoint.name): \(String(decoding: reply.response.bytes, as: UTF8.self))")
        }
        #expect(tried > 25)
    }

    @Test func `an answer has the form that the description gives`() throws {
        for endpoint in probe.endpoints where endpoint.method == .get {
            guard endpoint.answer.mediaType == "application/json",
                let schema = endpoint.answer.schema
            else { continue }
            // What a device may know of itself is nobody else's.
            let who = endpoint.path.text == "/api/v1/device" ? "device" : "owner"
            let person = try #require(stocked.people[who])
            let reply = try probe.send(probe.call(endpoint), as: person)
            #expect(reply.status == endpoint.answer.status, "\(endpoint.name) \(reply.code)")
            let faults = Self.faults(reply.json, schema, at: "")
            #expect(faults == [], "\(endpoint.name)")
        }
    }

    /// Places of `value` that are not as `schema` says; every name is always there.
    private static func faults(_ value: JSON, _ schema: Schema, at pointer: String) -> [String] {
        if value == .null {
            return schema.isNullable || schema.shape == .anything ? [] : ["\(pointer) is null"]
        }
        switch (schema.shape, value) {
        case (.text, .text), (.unboundedText, .text), (.integer, .integer), (.flag, .flag),
            (.unboundedInteger, .integer), (.anything, _):
            return []
        case (.list(let element, _), .list(let elements)):
            return elements.enumerated().flatMap {
                faults($0.element, element, at: "\(pointer)/\($0.offset)")
            }
        case (.map(let inner), .record(let members)):
            return members.flatMap { faults($0.value, inner, at: "\(pointer)/\($0.name)") }
        case (.record(_, let fields), .record(let members)):
            let names = members.map(\.name)
            return names.filter { name in !fields.contains { $0.name == name } }.map {
                "\(pointer)/\($0) is not described"
            }
                + fields.flatMap { field in
                    guard let member = value[field.name] else {
                        return ["\(pointer)/\(field.name) is missing"]
                    }
                    if member == .null, !field.isRequired { return [String]() }
                    return faults(member, field.schema, at: "\(pointer)/\(field.name)")
                }
        default: return ["\(pointer) is of another kind"]
        }
    }

    @Test func `pages of one row give what one page gives, each row once`() throws {
        var lists = 0
        for endpoint in probe.endpoints where endpoint.method == .get {
            let names = Set(endpoint.query?.fields.map(\.name) ?? [])
            guard names.isSuperset(of: ["limit", "after"]) else { continue }
            lists += 1
            var begun = probe.call(endpoint)
            // The first kind of goods has no lots.
            begun.query = begun.query.map { $0.0 == "variant" ? ($0.0, "var-2") : $0 }
            var whole = begun
            whole.query.append(("limit", "200"))
            let all = try probe.send(whole).json["items"]?.elements ?? []
            var rows: [JSON] = []
            var after: String?
            repeat {
                var call = begun
                call.query.append(("limit", "1"))
                if let after { call.query.append(("after", after)) }
                let page = try probe.send(call).json
                rows += page["items"]?.elements ?? []
                after = page["next"]?.text
            } while after != nil && rows.count <= all.count
            #expect(!all.isEmpty, "\(endpoint.name)")
            #expect(rows == all, "\(endpoint.name)")
        }
        #expect(lists >= 12)
    }

    @Test func `every endpoint is in the description, with its refusals`() throws {
        let document = try probe.send(Call(.get, "/api/openapi.json")).json
        #expect(document["openapi"]?.text?.hasPrefix("3.1") == true)
        for endpoint in probe.endpoints where endpoint.path.text.hasPrefix("/api/v1/") {
            let path = document["paths"]?[endpoint.path.text]
            let operation = path?[endpoint.method.rawValue.lowercased()]
            #expect(operation?["summary"]?.text == endpoint.summary, "\(endpoint.name)")
            let responses = operation?["responses"]?.members.map(\.name) ?? []
            #expect(responses.contains("\(endpoint.answer.status)"), "\(endpoint.name)")
            for status in Set(endpoint.refusals.map(\.kind.status)) {
                #expect(responses.contains("\(status)"), "\(endpoint.name) \(status)")
            }
        }
    }
}
