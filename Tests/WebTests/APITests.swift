// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import Web

struct ByThing: Codable, Sendable {
    let id: ID<Thing>
}

private let see = Permission("thing.see")

private func caller(_ permissions: Set<Permission>) -> Caller {
    Caller(
        actor: .user(1), name: "Li", permissions: permissions, scope: .everything, language: .en)
}

func sampleEndpoints() throws -> [Endpoint] {
    let byID = try SchemaProbe.schema(of: ByThing.self)
    let orderForm = try WireForm(OrderRequest.self)
    let view = try SchemaProbe.schema(of: OrderView.self)
    let text: Endpoint.Run = { incoming, caller, reply in
        let words = incoming.parameters.map { "\($0.name)=\($0.value)" } + ["\(caller.actor)"]
        reply.send(.text(words.joined(separator: " ")))
    }
    return [
        Endpoint(
            .get, "/api/v1/things", need: .guest, tag: "things", summary: "All things.",
            query: try SchemaProbe.schema(of: OrderQuery.self),
            answer: .json(try SchemaProbe.schema(of: Page<OrderView>.self)), run: text),
        Endpoint(
            .get, "/api/v1/things/{id}", need: .permission(see), tag: "things",
            summary: "One thing.", parameters: byID, answer: .json(view),
            refusals: [RefusalCode("thing.gone", .notFound)], run: text),
        Endpoint(
            .post, "/api/v1/things", need: .signedIn, tag: "things", summary: "A new thing.",
            bodies: [.json(orderForm.schema)], answer: .json(view, status: 201),
            example: goodOrder, needsKey: true,
            run: { incoming, caller, reply in
                do {
                    let order = try orderForm.decode(json: incoming.body)
                    reply.send(.text(order.name.text, status: 201))
                } catch {
                    reply.fail(error, in: caller.language)
                }
            }),
        Endpoint(
            .patch, "/api/v1/things/{id}", need: .signedIn, tag: "things", summary: "Edit.",
            parameters: byID,
            bodies: [
                .json(orderForm.schema), .init(mediaType: "text/plain", schema: nil),
            ],
            answer: .json(view), bodyBytesMax: 2048, needsKey: true, needsMatch: true, run: text),
        Endpoint(
            .delete, "/api/v1/things/{id}", need: .signedIn, tag: "things", summary: "Gone.",
            parameters: byID, answer: .nothing,
            run: { _, _, reply in reply.send(.empty(204)) }),
    ]
}

private func api(
    otherwise: (any RequestHandler)? = nil, permissions: Set<Permission> = [see]
) throws -> API {
    try API(
        endpoints: try sampleEndpoints(), problems: problemWriter(),
        authenticate: { request, _ in
            switch request.head.header("authorization") ?? request.head.cookie("session") {
            case "Bearer good", "good": caller(permissions)
            case nil: .guest
            default: throw AccessRefusal.unauthenticated
            }
        }, otherwise: otherwise)
}

private func ask(
    _ api: API, _ method: Method, _ target: String, _ headers: [(String, String)] = [],
    body: String = ""
) throws -> Response {
    let head = try RequestHead(
        method, target, headers: [("Host", "box:8080"), ("Accept-Language", "en")] + headers)
    let answer = api.answer(
        to: Request(head, body: Array(body.utf8)), problems: problemWriter())
    return try #require(answer)
}

private func code(_ response: Response) -> String? {
    (try? JSON(reading: response.bytes))?["code"]?.text
}

private let bearer = ("Authorization", "Bearer good")
private let json = ("Content-Type", "application/json")
private let key = ("Idempotency-Key", "0192f0c4-7a30-7c11-8f2e-3b5a9d1c6e47")

@Suite struct APITests {
    @Test func `a line for a scanner has no open places`() throws {
        let writer = ProblemWriter(
            titles: { _, _ in "At most {most} bytes, {other}" }, log: { _, _ in })
        let response = writer.response(
            for: WebRefusal.bodyTooLarge(most: 10), requestID: "r", language: .en, asLine: true)
        guard case .bytes(let bytes) = response.body else {
            Issue.record("\(response.body)")
            return
        }
        let line = "! At most 10 bytes, {other} [request.body_too_large]\n"
        #expect(String(decoding: bytes, as: UTF8.self) == line)
    }

    @Test func `a request finds its endpoint, its parameters and its caller`() throws {
        let api = try api()
        let one = try ask(api, .get, "/api/v1/things/thg-5", [bearer])
        #expect(one.status == 200 && String(decoding: one.bytes, as: UTF8.self) == "id=thg-5 usr-1")
        #expect(try ask(api, .head, "/api/v1/things", []).status == 200)
        let made = try ask(api, .post, "/api/v1/things", [bearer, json, key], body: goodOrder)
        #expect(made.status == 201)
    }

    @Test func `unknown paths and methods have their own answers`() throws {
        let api = try api()
        #expect(code(try ask(api, .get, "/api/v1/nothing")) == "request.not_found")
        #expect(code(try ask(api, .get, "/api/v1/things/")) == "request.not_found")
        let wrong = try ask(api, .put, "/api/v1/things/thg-1", [bearer])
        #expect(wrong.status == 405 && wrong.header("Allow") == "DELETE, GET, HEAD, PATCH")
    }

    @Test func `a guest, a bad credential and a missing permission are told apart`() throws {
        let guest = try ask(try api(), .get, "/api/v1/things/thg-1")
        #expect(guest.status == 401 && code(guest) == "access.unauthenticated")
        #expect(guest.header("WWW-Authenticate") == "Bearer")
        let bad = try ask(try api(), .get, "/api/v1/things", [("Authorization", "Bearer bad")])
        #expect(bad.status == 401)
        let poor = try ask(try api(permissions: []), .get, "/api/v1/things/thg-1", [bearer])
        #expect(poor.status == 403 && code(poor) == "access.forbidden")
        #expect(try JSON(reading: poor.bytes)["parameters"]?["permission"]?.text == "thing.see")
    }

    @Test func `a query nobody declared is refused`() throws {
        let response = try ask(try api(), .get, "/api/v1/things/thg-1?x=1", [bearer])
        #expect(response.status == 422 && code(response) == "request.field_unknown")
    }

    @Test(arguments: [
        ("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("", 415),
        ("application/json", 201), ("Application/JSON; charset=utf-8", 201),
        ("multipart/form-data", 415), ("application/jsonx", 415),
    ])
    func `only declared media types are taken`(_ type: String, _ status: Int) throws {
        let headers = [bearer, key] + (type.isEmpty ? [] : [("Content-Type", type)])
        let response = try ask(try api(), .post, "/api/v1/things", headers, body: goodOrder)
        #expect(response.status == status)
    }

    @Test func `a body where none is taken is refused`() throws {
        let response = try ask(
            try api(), .delete, "/api/v1/things/thg-1", [bearer, json], body: "{}")
        #expect(response.status == 415)
        #expect(try ask(try api(), .delete, "/api/v1/things/thg-1", [bearer]).status == 204)
    }

    @Test func `a body beyond the endpoint's limit is refused`() throws {
        let body = String(repeating: "a", count: 2049)
        let response = try ask(
            try api(), .patch, "/api/v1/things/thg-1", [bearer, json, key, ("If-Match", "\"1\"")],
            body: body)
        #expect(response.status == 413)
    }

    @Test func `a change needs its key and an edit what it was read from`() throws {
        let api = try api()
        let noKey = try ask(api, .post, "/api/v1/things", [bearer, json], body: goodOrder)
        #expect(noKey.status == 400 && code(noKey) == "request.key_missing")
        let noMatch = try ask(
            api, .patch, "/api/v1/things/thg-1", [bearer, json, key], body: goodOrder)
        #expect(noMatch.status == 428 && code(noMatch) == "request.match_missing")
    }

    @Test(
        arguments: [
            ([("Sec-Fetch-Site", "same-origin")], true), ([("Sec-Fetch-Site", "none")], true),
            ([("Sec-Fetch-Site", "cross-site")], false), ([("Sec-Fetch-Site", "same-site")], false),
            ([("Origin", "http://box:8080")], true), ([("Origin", "https://BOX:8080")], true),
            ([("Origin", "http://box")], false), ([("Origin", "http://box:8081")], false),
            ([("Origin", "http://evil.example")], false), ([("Origin", "null")], false),
            ([("Origin", "http://box:8080.evil.example")], false),
            ([("Origin", "http://evil.example/://box:8080")], false),
            ([("Sec-Fetch-Site", "same-origin"), ("Origin", "http://evil.example")], false),
            ([], false),
        ] as [([(String, String)], Bool)])
    func `a change by cookie must come from our own pages`(
        _ headers: [(String, String)], _ isAllowed: Bool
    ) throws {
        let all = [("Cookie", "session=good"), json, key] + headers
        let response = try ask(try api(), .post, "/api/v1/things", all, body: goodOrder)
        #expect(response.status == (isAllowed ? 201 : 403))
        if !isAllowed { #expect(code(response) == "request.cross_site") }
    }

    @Test func `a foreign page cannot change anything without a cookie either`() throws {
        let response = try ask(
            try api(), .post, "/api/v1/things", [json, key, ("Origin", "http://evil.example")],
            body: goodOrder)
        #expect(code(response) == "request.cross_site")
    }

    @Test func `reading by cookie needs no proof of origin`() throws {
        let response = try ask(
            try api(), .get, "/api/v1/things/thg-1",
            [("Cookie", "a=b; session=good"), ("Sec-Fetch-Site", "cross-site")])
        #expect(response.status == 200)
    }

    @Test func `a cookie sent twice counts as none`() throws {
        let head = try RequestHead(.get, "/", headers: [("Cookie", "session=a; session=b; x=1")])
        #expect(head.cookie("session") == nil && head.cookie("x") == "1")
    }

    @Test func `what no endpoint has goes on to the next handler`() throws {
        let api = try api(otherwise: Handler { _, reply in reply.send(.text("file")) })
        #expect(String(decoding: try ask(api, .get, "/ui/x").bytes, as: UTF8.self) == "file")
    }

    @Test(arguments: [
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.zhCN), ("en-GB", .en), ("de, en;q=0.5", .en),
        ("en;q=0.1, zh;q=0.2", .zhCN), ("fr", .zhCN), ("en;q=0", .zhCN), ("", .zhCN),
        ("zh-Hans-CN", .zhCN), ("*", .zhCN), ("en;q=x, zh", .zhCN),
    ])
    func `the preferred language is found`(_ header: String, _ language: Language) {
        #expect(Language.preferred(in: header) == language)
    }

    @Test func `a problem speaks the caller's language`() throws {
        let head = try RequestHead(.get, "/api/v1/none", headers: [("Accept-Language", "zh")])
        let response = try #require(
            try api().answer(to: Request(head), problems: problemWriter()))
        let problem = try JSON(reading: response.bytes)
        #expect(problem["title"]?.text == "标题 request.not_found")
        #expect(problem["type"]?.text == "/problems/request.not_found")
        #expect(problem["status"]?.integer == 404)
        #expect(problem["instance"]?.text == head.requestID)
        #expect(problem["errors"] == .list([]))
    }

    @Test func `every code of this layer is listed once`() {
        let codes = WebRefusal.catalogue.map(\.code)
        #expect(Set(codes).count == codes.count)
        #expect(codes.count == 25)
    }
}

@Suite struct RouterTests {
    private func endpoint(_ method: Method, _ path: PathTemplate) -> Endpoint {
        let fields = path.parameterNames.map { Schema.Field($0, Name.schema) }
        return Endpoint(
            method, path, need: .guest, tag: "t", summary: "s",
            parameters: fields.isEmpty ? nil : Schema(.record(name: "P", fields: fields)),
            answer: .nothing, run: { _, _, reply in reply.send(.empty(204)) })
    }

    @Test func `paths that could match the same request are refused`() throws {
        for (one, other) in [
            ("/a", "/a"), ("/a/{x}", "/a/{y}"), ("/a/{x}", "/a/b"), ("/{x}/b", "/a/{y}"),
        ] as [(PathTemplate, PathTemplate)] {
            #expect(throws: Router.Failure.ambiguous("GET \(one)", "GET \(other)")) {
                try Router([endpoint(.get, one), endpoint(.get, other)])
            }
            _ = try Router([endpoint(.get, one), endpoint(.put, other)])
        }
    }

    @Test func `templates with mistakes are refused`() {
        for path in ["a", "/a//b", "/a/", "/{x}/{x}", "/{}"] as [PathTemplate] {
            #expect(throws: Router.Failure.self) { try Router([endpoint(.get, path)]) }
        }
        let different = Endpoint(
            .get, "/{x}", need: .guest, tag: "t", summary: "s", answer: .nothing,
            run: { _, _, _ in })
        #expect(throws: Router.Failure.parametersDiffer("GET /{x}")) { try Router([different]) }
        #expect(throws: Router.Failure.headDeclared("HEAD /a")) {
            try Router([endpoint(.head, "/a")])
        }
    }

    @Test func `methods of one path may have differently named parameters`() throws {
        let router = try Router([endpoint(.get, "/a/{x}"), endpoint(.put, "/a/b")])
        func found(_ method: Method, _ segments: [String]) -> String? {
            if case .found(let endpoint, _) = router.match(method, segments) {
                endpoint.name
            } else {
                nil
            }
        }
        #expect(found(.get, ["a", "b"]) == "GET /a/{x}")
        #expect(found(.put, ["a", "b"]) == "PUT /a/b")
        #expect(found(.put, ["a", "c"]) == nil)
        #expect(found(.get, ["a", ""]) == nil)
        guard case .otherMethods(let methods) = router.match(.delete, ["a", "b"]) else {
            Issue.record("other methods exist")
            return
        }
        #expect(methods == [.get, .head, .put])
    }
}
