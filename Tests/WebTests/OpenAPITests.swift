// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

@testable import Web

@Suite struct OpenAPITests {
    private func document() throws -> JSON {
        OpenAPI.document(title: "Sluice", version: "1", endpoints: try sampleEndpoints())
    }

    @Test func `the same endpoints in any order give the same bytes`() throws {
        let one = try document().prettyText()
        let endpoints = Array(try sampleEndpoints().reversed())
        let other = OpenAPI.document(title: "Sluice", version: "1", endpoints: endpoints)
        #expect(one == other.prettyText())
        if let path = ProcessInfo.processInfo.environment["OPENAPI_SAMPLE"] {
            try one.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }

    @Test func `every operation names its permission, its parameters and its problems`() throws {
        let one = try #require(try document()["paths"]?["/api/v1/things/{id}"]?["get"])
        #expect(one["x-permission"]?.text == "thing.see")
        #expect(one["parameters"]?[0]?["name"]?.text == "id")
        #expect(one["parameters"]?[0]?["schema"]?["pattern"]?.text == "^thg-[1-9][0-9]{0,18}$")
        let statuses = one["responses"]?.members.map(\.name)
        #expect(
            statuses == [
                "200", "400", "401", "403", "404", "421", "422", "429", "500", "503",
            ])
        #expect(one["responses"]?["404"]?["description"]?.text == "thing.gone")
        let edit = try #require(try document()["paths"]?["/api/v1/things/{id}"]?["patch"])
        let names = edit["parameters"]?.elements.compactMap { $0["name"]?.text }
        #expect(names == ["id", "Idempotency-Key", "If-Match"])
        #expect(edit["responses"]?["428"] != nil && edit["responses"]?["413"] != nil)
    }

    @Test func `records stand once among the components, requests and answers apart`() throws {
        let schemas = try #require(try document()["components"]?["schemas"])
        #expect(
            schemas.members.map(\.name) == [
                "Kernel.Page_WebTests.OrderView", "Problem", "WebTests.LineRequest",
                "WebTests.OrderRequest", "WebTests.OrderView",
            ])
        let request = try #require(schemas["WebTests.OrderRequest"])
        #expect(request["additionalProperties"]?.flag == false)
        #expect(!(request["required"]?.elements.contains(.text("note")) ?? true))
        #expect(request["properties"]?["pieces"]?["maximum"]?.integer == 1_000_000_000_000)
        let view = try #require(schemas["WebTests.OrderView"])
        #expect(view["required"]?.elements.contains(.text("note")) ?? false)
        #expect(view["properties"]?["note"]?["type"] == .list([.text("string"), .text("null")]))
        #expect(view["properties"]?["amount"]?["description"]?.text == "How much there is.")
    }

    @Test func `an example fits the schema it stands beside`() throws {
        for endpoint in try sampleEndpoints() {
            guard let example = endpoint.example, let schema = endpoint.bodies.first?.schema else {
                continue
            }
            let value = try JSON(reading: Array(example.utf8))
            #expect(schema.faults(in: value, isTextual: false, looksIntoLeaves: true).isEmpty)
        }
    }
}
