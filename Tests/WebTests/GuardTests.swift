// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import Web

/// What goes over the wire and what must come back: a status, or nil for a closed connection.
struct GuardCase: Sendable, CustomTestStringConvertible {
    let name: String
    let sent: String
    let status: Int?
    let code: String?
    var testDescription: String { name }

    init(_ name: String, _ sent: String, _ status: Int?, _ code: String? = nil) {
        self.name = name
        self.sent = sent
        self.status = status
        self.code = code
    }

    /// A GET with these header lines.
    init(_ name: String, lines: [String], _ status: Int, _ code: String? = nil) {
        let all = ["GET / HTTP/1.1"] + lines
        self.init(name, all.joined(separator: "\r\n") + "\r\n\r\n", status, code)
    }

    /// A GET of this target.
    init(_ name: String, target: String, _ status: Int, _ code: String? = nil) {
        self.init(name, "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n", status, code)
    }

    /// A POST with these header lines and this body.
    init(
        _ name: String, post lines: [String], body: String, _ status: Int?, _ code: String? = nil
    ) {
        let all = ["POST / HTTP/1.1", "Host: localhost"] + lines
        self.init(name, all.joined(separator: "\r\n") + "\r\n\r\n" + body, status, code)
    }
}

private let framing: [GuardCase] = [
    .init("a length", post: ["Content-Length: 3"], body: "abc", 200),
    .init("chunks", post: ["Transfer-Encoding: chunked"], body: "3\r\nabc\r\n0\r\n\r\n", 200),
    .init(
        "length and chunks", post: ["Content-Length: 3", "Transfer-Encoding: chunked"],
        body: "0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n", 400, "request.framing_bad"),
    .init(
        "chunks and length", post: ["Transfer-Encoding: chunked", "Content-Length: 5"],
        body: "0\r\n\r\n", 400, "request.framing_bad"),
    .init(
        "two lengths", post: ["Content-Length: 3", "Content-Length: 4"], body: "abcd", 400,
        "request.framing_bad"),
    .init(
        "the same length twice", post: ["Content-Length: 3", "Content-Length: 3"], body: "abc",
        400, "request.framing_bad"),
    .init("a negative length", post: ["Content-Length: -3"], body: "abc", 400),
    .init("a signed length", post: ["Content-Length: +3"], body: "abc", 400),
    .init("a list of lengths", post: ["Content-Length: 3, 3"], body: "abc", 400),
    .init("an empty length", post: ["Content-Length: "], body: "", 400),
    .init("a hexadecimal length", post: ["Content-Length: 0x3"], body: "abc", 400),
    .init("a length of 20 digits", post: ["Content-Length: 99999999999999999999"], body: "", 413),
    .init(
        "an unknown coding", post: ["Transfer-Encoding: xchunked"], body: "0\r\n\r\n", 400,
        "request.framing_bad"),
    .init(
        "two codings", post: ["Transfer-Encoding: gzip, chunked"], body: "0\r\n\r\n", 400,
        "request.framing_bad"),
    .init(
        "chunked twice", post: ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
        body: "0\r\n\r\n", 400, "request.framing_bad"),
    .init(
        "identity", post: ["Transfer-Encoding: identity"], body: "", 400, "request.framing_bad"),
    .init(
        "length and chunks of a GET",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        400, "request.framing_bad"),
    .init(
        "chunks in capitals", post: ["Transfer-Encoding: CHUNKED"],
        body: "3\r\nabc\r\n0\r\n\r\n", 200),
    .init(
        "chunked with a parameter", post: ["Transfer-Encoding: chunked;q=1"], body: "0\r\n\r\n",
        400, "request.framing_bad"),
    .init(
        "chunked and identity", post: ["Transfer-Encoding: chunked, identity"],
        body: "0\r\n\r\n", 400, "request.framing_bad"),
    .init("a bad chunk size", post: ["Transfer-Encoding: chunked"], body: "zz\r\nabc\r\n", 400),
    .init(
        "chunks in HTTP/1.0",
        "POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
        "request.framing_bad"),
    .init("a length in HTTP/1.0", "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", 200),
    .init(
        "too large by its length", post: ["Content-Length: 2000000"], body: "", 413,
        "request.body_too_large"),
]

private let hostsAndHeaders: [GuardCase] = [
    .init("one host", lines: ["Host: localhost"], 200),
    .init("a host with a port", lines: ["Host: localhost:18100"], 200),
    .init("a host in capitals", lines: ["HOST: LocalHost"], 200),
    .init("no host", lines: [], 400),
    .init("two hosts", lines: ["Host: localhost", "Host: localhost"], 400, "request.host_bad"),
    .init("two hosts that differ", lines: ["Host: a", "Host: b"], 400, "request.host_bad"),
    .init("an empty host", lines: ["Host: "], 400, "request.host_bad"),
    .init("a host with a path", lines: ["Host: localhost/x"], 400, "request.host_bad"),
    .init("a host with a user", lines: ["Host: me@localhost"], 400, "request.host_bad"),
    .init("a host with a word for a port", lines: ["Host: localhost:http"], 400),
    .init("another's host", lines: ["Host: evil.example"], 421, "request.host_unknown"),
    .init("another's host with our port", lines: ["Host: evil.example:80"], 421),
    .init("our name inside another's", lines: ["Host: localhost.evil.example"], 421),
    .init("another's name inside ours", lines: ["Host: evil.localhost"], 421),
    .init("another address", lines: ["Host: 192.0.2.7"], 421, "request.host_unknown"),
    .init("another IPv6 address", lines: ["Host: [2001:db8::1]"], 421, "request.host_unknown"),
    .init("our address as a number", lines: ["Host: 2130706433"], 421),
    .init("our address in octal", lines: ["Host: 0177.0.0.1"], 421),
    .init("the address that was connected to", lines: ["Host: 127.0.0.1:18100"], 200),
    .init("the same inside an IPv6 address", lines: ["Host: [::ffff:127.0.0.1]"], 200),
    .init("a host with a full stop at its end", lines: ["Host: localhost."], 200),
    .init("64 fields", lines: ["Host: localhost"] + (1..<64).map { "X-\($0): y" }, 200),
    .init(
        "65 fields", lines: ["Host: localhost"] + (1..<65).map { "X-\($0): y" }, 400,
        "request.headers_too_large"),
    .init(
        "17 KiB of header",
        lines: ["Host: localhost", "X-A: " + String(repeating: "a", count: 17 * 1024)], 400,
        "request.headers_too_large"),
    .init(
        "40 KiB of header",
        lines: ["Host: localhost", "X-A: " + String(repeating: "a", count: 40 * 1024)], 431),
    .init(
        "a control character", lines: ["Host: localhost", "X-A: a\u{1}b"], 400,
        "request.headers_bad"),
    .init("a bell", lines: ["Host: localhost", "X-A: \u{7}"], 400, "request.headers_bad"),
    .init("DEL", lines: ["Host: localhost", "X-A: a\u{7f}"], 400, "request.headers_bad"),
    .init("a name with parentheses", lines: ["Host: localhost", "X(A): b"], 400),
    .init("a name with a slash", lines: ["Host: localhost", "X/A: b"], 400),
    .init("a name of other letters", lines: ["Host: localhost", "Xé: b"], 400),
    .init("a tab in a value", lines: ["Host: localhost", "X-A: a\tb"], 200),
]

private let methodsAndTargets: [GuardCase] = [
    .init("TRACE", "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, "request.method_unknown"),
    .init("FOO", "FOO / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, "request.method_unknown"),
    .init("CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    .init("OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    .init("get in small letters", "get / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    .init("a path", target: "/a/b?c=d", 200),
    .init("an escaped path", target: "/%E4%BD%A0/b%20c", 200),
    .init("an escaped slash stays in its piece", target: "/a%2fb", 200),
    .init("NUL", target: "/a%00b", 400, "request.target_bad"),
    .init("dot dot", target: "/a/../b", 400, "request.target_bad"),
    .init("dot", target: "/./b", 400, "request.target_bad"),
    .init("escaped dot dot", target: "/%2e%2e/b", 400, "request.target_bad"),
    .init("half-escaped dot dot", target: "/.%2E/b", 400, "request.target_bad"),
    .init("a malformed escape", target: "/%zz", 400, "request.target_bad"),
    .init("a cut escape", target: "/%4", 400, "request.target_bad"),
    .init("bytes that are no UTF-8", target: "/%ff%fe", 400, "request.target_bad"),
    .init("an overlong slash", target: "/%c0%af", 400, "request.target_bad"),
    .init("an escaped line end", target: "/a%0d%0ab", 400, "request.target_bad"),
    .init("a malformed query", target: "/?a=%z", 400, "request.target_bad"),
    .init("NUL in the query", target: "/?a=%00", 400, "request.target_bad"),
    .init("65 pairs", target: "/?" + (0..<65).map { "a\($0)" }.joined(separator: "&"), 400),
    .init("the absolute form", target: "http://localhost/", 400, "request.target_bad"),
    .init("a target without a slash", target: "a", 400, "request.target_bad"),
    .init("a fragment", target: "/a#b", 400, "request.target_bad"),
    .init("a raw letter beyond ASCII", target: "/é", 400, "request.target_bad"),
    .init("HTTP/2.0", "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
    .init("HTTP/0.9", "GET /\r\n\r\n", nil),
    .init("a target of 40 KiB", target: "/" + String(repeating: "a", count: 40 * 1024), 414),
]

@Suite struct GuardTests {
    static let server = Result {
        try serve(echo) { settings in
            settings.hosts = ["localhost"]
            settings.headerSeconds = 2
        }
    }

    @Test(arguments: framing + hostsAndHeaders + methodsAndTargets)
    func `each row of the guard's table is answered as it says`(_ row: GuardCase) throws {
        let server = try Self.server.get()
        let client = try RawClient(port: server.port)
        client.send(row.sent)
        guard let status = row.status else {
            if let answer = try? client.answer() { #expect(answer.status >= 400) }
            return
        }
        let answer = try client.answer()
        #expect(answer.status == status)
        // Nothing that follows such a request may be taken for another one.
        if status >= 400 { #expect(try !client.rest().contains("HTTP/1.1 ")) }
        if let code = row.code {
            #expect(answer.header("content-type") == "application/problem+json")
            #expect(try JSON(reading: answer.body)["code"]?.text == code)
            for header in SecurityHeaders.all {
                #expect(answer.header("\(header.name)") == "\(header.value)")
            }
            #expect(answer.header("cache-control") == "no-store")
        }
    }

    @Test func `nothing after a refused framing is run as a second request`() throws {
        let server = try Self.server.get()
        let client = try RawClient(port: server.port)
        client.send(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                + "GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try client.answer().status == 400)
        #expect(try client.isClosed())
    }

    @Test func `a space before the colon never hides a length`() throws {
        let server = try Self.server.get()
        let client = try RawClient(port: server.port)
        client.send(
            "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\n\r\n"
                + "0\r\n\r\n")
        #expect(try client.answer().status == 400)
    }

    @Test func `a chunked body beyond the limit is cut`() throws {
        let server = try serve(Handler(bodyMax: 1000) { _, reply in reply.send(.text("whole")) })
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        let piece = "1f4\r\n" + String(repeating: "a", count: 500) + "\r\n"
        for _ in 0..<3 { client.send(piece) }
        #expect(try client.isClosed())
        let next = try RawClient(port: server.port)
        #expect(try next.ask("POST", "/", body: [1]).status == 200)
    }

    @Test func `the refusal of a large body comes before the body`() throws {
        let server = try Self.server.get()
        let client = try RawClient(port: server.port)
        client.send(
            "POST / HTTP/1.1\r\nHost: localhost\r\nAccept-Language: en\r\n"
                + "Content-Length: 50000000\r\nExpect: 100-continue\r\n\r\n")
        let answer = try client.answer()
        #expect(answer.status == 413)
        let problem = try JSON(reading: answer.body)
        #expect(problem["detail"]?.text == "At most 1048576 bytes.")
        #expect(problem["parameters"]?["most"]?.integer == 1_048_576)
    }

    @Test func `a client that asks may go on, is told so and sends its body`() throws {
        let server = try Self.server.get()
        let client = try RawClient(port: server.port)
        client.send(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
                + "Expect: 100-continue\r\n\r\n")
        #expect(try client.head().status == 100)
        client.send("abc")
        #expect(try client.answer().text == "POST   3")
    }

    @Test func `a header sent a byte at a time is closed at its deadline`() throws {
        let server = try Self.server.get()
        let client = try RawClient(port: server.port, seconds: 1)
        let start = ContinuousClock.now
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ")
        var isClosed = false
        while !isClosed && ContinuousClock.now - start < .seconds(10) {
            client.send("a")
            // A read that finds nothing waits a second, which is the beat of this client.
            isClosed = (try? client.isClosed()) ?? false
        }
        #expect(isClosed)
        #expect(ContinuousClock.now - start < .seconds(6))
    }
}
