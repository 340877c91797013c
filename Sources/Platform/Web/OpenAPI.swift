// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// Writes the OpenAPI 3.1 document of a list of endpoints. The same list gives the same bytes.
package enum OpenAPI {
    /// The document; `prettyText()` of it is the golden file.
    package static func document(
        title: String, version: String, endpoints: [Endpoint]
    ) -> JSON {
        var components = Components()
        var paths: [String: [String: JSON]] = [:]
        for endpoint in endpoints.sorted(by: { $0.name < $1.name }) {
            let method = endpoint.method.rawValue.lowercased()
            paths[endpoint.path.text, default: [:]][method] =
                operation(endpoint, &components)
        }
        let tags = Set(endpoints.map(\.tag)).sorted()
        return .object([
            "openapi": .text("3.1.0"),
            "info": .object(["title": .text(title), "version": .text(version)]),
            "servers": .list([.object(["url": .text("/")])]),
            "tags": .list(tags.map { .object(["name": .text($0)]) }),
            "paths": .object(paths.mapValues { .object($0) }),
            "components": .object([
                "schemas": .object(components.schemas.merging(["Problem": problem]) { a, _ in a }),
                "securitySchemes": securitySchemes,
            ]),
        ])
    }

    private static func operation(_ endpoint: Endpoint, _ components: inout Components) -> JSON {
        var members: [String: JSON] = [
            "operationId": .text(operationID(endpoint)),
            "summary": .text(endpoint.summary),
            "tags": .list([.text(endpoint.tag)]),
            "security": security(endpoint.need),
            "responses": responses(endpoint, &components),
        ]
        if let description = endpoint.description { members["description"] = .text(description) }
        if case .permission(let permission) = endpoint.need {
            members["x-permission"] = .text(permission.code)
        }
        let parameters = parameters(endpoint, &components)
        if !parameters.isEmpty { members["parameters"] = .list(parameters) }
        if let body = body(endpoint, &components) { members["requestBody"] = body }
        return .object(members)
    }

    /// "get_api_v1_items_id": unique because method and path are.
    private static func operationID(_ endpoint: Endpoint) -> String {
        let words = endpoint.path.pieces.map { piece in
            switch piece {
            case .literal(let text): text
            case .parameter(let name): "by_" + name
            }
        }
        let text = ([endpoint.method.rawValue.lowercased()] + words).joined(separator: "_")
        return String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    private static func parameters(_ endpoint: Endpoint, _ components: inout Components) -> [JSON] {
        var list: [JSON] = []
        func add(_ field: Schema.Field, _ place: String, isRequired: Bool) {
            var written = components.inline(inAddress(field.schema), .request)
            // Left empty an optional field counts as absent (`WireForm`).
            if place == "query" && !isRequired && !field.schema.takesEmptyText {
                let empty = JSON.object(["type": .text("string"), "maxLength": .integer(0)])
                written = .object(["anyOf": .list([written, empty])])
            }
            var members: [String: JSON] = [
                "name": .text(field.name), "in": .text(place), "required": .flag(isRequired),
                // A parameter that is left out is absent, never null.
                "schema": written,
            ]
            if let note = field.note { members["description"] = .text(note) }
            list.append(.object(members))
        }
        for field in endpoint.parameters?.fields ?? [] { add(field, "path", isRequired: true) }
        for field in endpoint.query?.fields ?? [] {
            add(field, "query", isRequired: field.isRequired)
        }
        if endpoint.needsKey {
            let rule = Schema.TextRule(
                least: 1, most: Limit.idempotencyKeyLength, pattern: "^[!-~]+$")
            add(
                Schema.Field(
                    "Idempotency-Key", .text(rule),
                    note: "New for each change, best a UUID; the same again gives the same answer."),
                "header", isRequired: true)
        }
        if endpoint.needsMatch {
            add(
                Schema.Field(
                    "If-Match", .text(Schema.TextRule(least: 1, most: 128)),
                    note: "The etag of the record that was read."),
                "header", isRequired: true)
        }
        return list
    }

    /// A value in a path or query, where the guard refuses most control characters (`Percent`).
    private static func inAddress(_ schema: Schema) -> Schema {
        guard case .text(let rule) = schema.shape, rule.pattern == nil, rule.choices.isEmpty
        else { return Schema(schema.shape) }
        let bad = #"\u0000-\u0008\u000b\u000c\u000e-\u001c\u001e\u001f\u007f"#
        return .text(
            Schema.TextRule(
                least: rule.least, most: rule.most, pattern: "^[^\(bad)]*$", format: rule.format))
    }

    /// A form has no null: a field is there, empty or absent.
    private static func inForm(_ schema: Schema) -> Schema {
        guard case .record(let name, let fields) = schema.shape else { return schema }
        let written = fields.map { field in
            Schema.Field(
                field.name, inAddress(field.schema), isRequired: field.isRequired,
                note: field.note)
        }
        return Schema(.record(name: name + ".Form", fields: written))
    }

    private static func body(_ endpoint: Endpoint, _ components: inout Components) -> JSON? {
        guard !endpoint.bodies.isEmpty else { return nil }
        var content: [String: JSON] = [:]
        for form in endpoint.bodies {
            var members: [String: JSON] = [
                "schema": form.schema.map {
                    components.named(
                        form.mediaType == "application/json" ? $0 : inForm($0), .request)
                }
                    ?? .object(["type": .text("string")])
            ]
            if form.mediaType == "application/json", let example = endpoint.example,
                let value = try? JSON(reading: Array(example.utf8))
            {
                members["example"] = value
            }
            content[form.mediaType] = .object(members)
        }
        return .object(["required": .flag(true), "content": .object(content)])
    }

    private static func responses(_ endpoint: Endpoint, _ components: inout Components) -> JSON {
        var answer: [String: JSON] = ["description": .text("Done.")]
        if let mediaType = endpoint.answer.mediaType {
            let schema = endpoint.answer.schema.map { components.named($0, .answer) }
            let text = JSON.object(["type": .text("string")])
            // A stream is no text but events, each with what it is about; nobody has a schema of all.
            let isStream = mediaType == "text/event-stream"
            var content = [
                mediaType: isStream ? .object([:]) : JSON.object(["schema": schema ?? text])
            ]
            if takesLines(endpoint) { content["text/plain"] = .object(["schema": text]) }
            answer["content"] = .object(content)
        }
        var list: [String: JSON] = [String(endpoint.answer.status): .object(answer)]
        for (status, codes) in problemCodes(endpoint) {
            list[String(status)] = problemResponse(codes, asLine: takesLines(endpoint))
        }
        return .object(list)
    }

    /// Whether plain scanners ask here, which get the one line that they can show.
    private static func takesLines(_ endpoint: Endpoint) -> Bool {
        endpoint.bodies.contains { $0.mediaType == "text/plain" }
    }

    /// Codes by status: the endpoint's own and those the web layer gives for its shape.
    private static func problemCodes(_ endpoint: Endpoint) -> [Int: Set<String>] {
        var codes: [Int: Set<String>] = [500: [ProblemWriter.failedCode]]
        func add(_ code: RefusalCode) { codes[code.kind.status, default: []].insert(code.code) }
        func add(_ refusal: WebRefusal) { add(refusal.refusalCode) }
        endpoint.refusals.forEach { add($0) }
        for one in [
            WebRefusal.targetBad, .hostBad, .hostUnknown(""), .headersBad, .headersTooLarge,
            .rateLimited(seconds: 0, by: ""), .busy, .timedOut, .stopping,
        ] {
            add(one)
        }
        switch endpoint.need {
        case .guest: break
        case .threshold, .signedIn:
            let codes = ["access.unauthenticated", "access.session_only"]
            AccessRefusal.catalogue.filter { codes.contains($0.code) }.forEach { add($0) }
        case .permission: AccessRefusal.catalogue.forEach { add($0) }
        }
        if endpoint.query == nil || endpoint.query?.fields.isEmpty == false {
            for code in ["unknown", "missing", "wrong_type"] { add(.fields([WireFault(code)])) }
        }
        if !endpoint.method.isSafe { add(.crossSite) }
        if !endpoint.bodies.isEmpty {
            add(.malformed(reason: "", offset: 0))
            add(.bodyTooLarge(most: 0))
            add(.framingBad)
            add(.mediaUnsupported(accepted: []))
            if endpoint.bodies.contains(where: { $0.schema == nil }) {
                add(.fileKind(declared: "", found: .plain))
            }
        }
        if endpoint.needsKey { add(.keyMissing) }
        if endpoint.needsMatch { add(.matchMissing) }
        return codes
    }

    /// - Parameter asLine: plain scanners get the one line that they can show.
    private static func problemResponse(_ codes: Set<String>, asLine: Bool) -> JSON {
        var content: [String: JSON] = [
            "application/problem+json": .object([
                "schema": .object(["$ref": .text("#/components/schemas/Problem")])
            ])
        ]
        if asLine {
            content["text/plain"] = .object(["schema": .object(["type": .text("string")])])
        }
        return .object([
            "description": .text(codes.sorted().joined(separator: ", ")),
            "content": .object(content),
        ])
    }

    private static func security(_ need: Endpoint.Need) -> JSON {
        guard need != .guest else { return .list([]) }
        return .list(["cookie", "bearer", "device"].map { .object([$0: .list([])]) })
    }

    private static let securitySchemes: JSON = .object([
        "cookie": .object([
            "type": .text("apiKey"), "in": .text("cookie"), "name": .text("sluice_session"),
        ]),
        "bearer": .object(["type": .text("http"), "scheme": .text("bearer")]),
        "device": .object([
            "type": .text("http"), "scheme": .text("bearer"),
            "description": .text(
                """
                A scanner's token, which begins with sld_, or its signature: Authorization: \
                Sluice-MAC device=…, sequence=…, time=…, mac=… (docs/API-DESIGN.md).
                """),
        ]),
    ])

    /// RFC 9457 with the members that Sluice adds.
    private static let problem: JSON = {
        func text(_ more: [String: JSON] = [:]) -> JSON {
            .object(more.merging(["type": .text("string")]) { a, _ in a })
        }
        let error = JSON.object([
            "type": .text("object"),
            "required": .list([.text("pointer"), .text("code")]),
            "properties": .object(["pointer": text(), "code": text()]),
        ])
        return .object([
            "type": .text("object"),
            "required": .list(
                ["type", "title", "status", "instance", "code"].map { .text($0) }),
            "properties": .object([
                "type": text(["format": .text("uri-reference")]),
                "title": text(), "detail": text(), "instance": text(), "code": text(),
                "status": .object(["type": .text("integer")]),
                "parameters": .object(["type": .text("object")]),
                "errors": .object(["type": .text("array"), "items": error]),
            ]),
        ])
    }()
}
