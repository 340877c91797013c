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
            var members: [String: JSON] = [
                "name": .text(field.name), "in": .text(place), "required": .flag(isRequired),
                // A parameter that is left out is absent, never null.
                "schema": components.inline(Schema(field.schema.shape), .request),
            ]
            if let note = field.note { members["description"] = .text(note) }
            list.append(.object(members))
        }
        for field in endpoint.parameters?.fields ?? [] { add(field, "path", isRequired: true) }
        for field in endpoint.query?.fields ?? [] {
            add(field, "query", isRequired: field.isRequired)
        }
        if endpoint.needsKey {
            let rule = Schema.TextRule(least: 36, most: 36, format: "uuid")
            add(
                Schema.Field(
                    "Idempotency-Key", .text(rule),
                    note: "A new UUID per change; the same again gives the same answer."),
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

    private static func body(_ endpoint: Endpoint, _ components: inout Components) -> JSON? {
        guard !endpoint.bodies.isEmpty else { return nil }
        var content: [String: JSON] = [:]
        for form in endpoint.bodies {
            var members: [String: JSON] = [
                "schema": form.schema.map { components.named($0, .request) }
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
            answer["content"] = .object([
                mediaType: .object(["schema": schema ?? .object(["type": .text("string")])])
            ])
        }
        var list: [String: JSON] = [String(endpoint.answer.status): .object(answer)]
        for (status, codes) in problemCodes(endpoint) {
            list[String(status)] = problemResponse(codes)
        }
        return .object(list)
    }

    /// Codes by status: the endpoint's own and those the web layer gives for its shape.
    private static func problemCodes(_ endpoint: Endpoint) -> [Int: Set<String>] {
        var codes: [Int: Set<String>] = [500: [ProblemWriter.failedCode]]
        func add(_ code: RefusalCode) { codes[code.kind.status, default: []].insert(code.code) }
        func add(_ refusal: WebRefusal) { add(refusal.refusalCode) }
        endpoint.refusals.forEach { add($0) }
        add(.busy)
        add(.timedOut)
        switch endpoint.need {
        case .guest: break
        case .threshold, .signedIn: add(AccessRefusal.catalogue[0])
        case .permission: AccessRefusal.catalogue.forEach { add($0) }
        }
        if endpoint.query == nil || endpoint.query?.fields.isEmpty == false {
            for code in ["unknown", "missing", "wrong_type"] { add(.fields([WireFault(code)])) }
        }
        if !endpoint.method.isSafe { add(.crossSite) }
        if !endpoint.bodies.isEmpty {
            add(.malformed(reason: "", offset: 0))
            add(.bodyTooLarge(most: 0))
            add(.mediaUnsupported(accepted: []))
        }
        if endpoint.needsKey { add(.keyMissing) }
        if endpoint.needsMatch { add(.matchMissing) }
        return codes
    }

    private static func problemResponse(_ codes: Set<String>) -> JSON {
        .object([
            "description": .text(codes.sorted().joined(separator: ", ")),
            "content": .object([
                "application/problem+json": .object([
                    "schema": .object(["$ref": .text("#/components/schemas/Problem")])
                ])
            ]),
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
            "description": .text("A scanner's token, which begins with sld_."),
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
