// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Synchronization
import Testing

@testable import Web

/// Where one request ends and the next begins: what a client hides behind a refused request, or
/// inside a body, is never run.
@Suite struct SmugglingTests {
    /// Remembers the paths that reached the handler.
    private final class Seen: Sendable {
        let paths = Mutex<[String]>([])
        var all: [String] { paths.withLock { $0 } }
    }

    private func server(_ seen: Seen) throws -> MicroHTTPServer {
        try serve(
            Handler(bodyMax: 1000) { request, reply in
                seen.paths.withLock { $0.append(request.head.path) }
                reply.send(.text("ok"))
            }
        ) { settings in
            settings.hosts = ["localhost"]
            settings.bodyGraceSeconds = 1
        }
    }

    private static let hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"

    private static let refused = [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 60", "Content-Length: 5\r\nContent-Length: 5",
        "Transfer-Encoding: xchunked", "Transfer-Encoding: gzip, chunked",
        "Content-Length: 5\r\nX-A: a\u{1}b", "Content-Length: 5\r\nHost: localhost",
        "Content-Length: 1001",
    ]

    @Test(arguments: Web.Method.allCases, refused)
    func `nothing behind a refused request is run, whatever its method`(
        _ method: Web.Method, _ fields: String
    ) throws {
        let seen = Seen()
        let server = try server(seen)
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send(
            "\(method.rawValue) /first HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\r\n"
                + "0\r\n\r\n" + Self.hidden)
        let answer = try client.answer(toHead: method == .head)
        #expect(answer.status == 400 || answer.status == 413)
        #expect(answer.header("connection")?.lowercased() == "close")
        #expect(try client.isClosed())
        #expect(becomes { server.connections == 0 })
        #expect(seen.all == [])
    }

    @Test(arguments: [
        "TRACE /first HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70\r\n\r\n",
        "OPTIONS /first HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /a%00 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70\r\n\r\n",
        "GET /a/../b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    ])
    func `a request that was refused for its line or host is the last of its connection`(
        _ first: String
    ) throws {
        let seen = Seen()
        let server = try server(seen)
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send(first + Self.hidden)
        #expect(try client.answer().status >= 400)
        #expect(try client.isClosed())
        #expect(seen.all == [])
    }

    @Test(arguments: [
        "GET /first HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n",
        "POST /first HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n",
        "PATCH /first HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n",
    ])
    func `a request inside a body stays a body`(_ head: String) throws {
        let seen = Seen()
        let server = try server(seen)
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send(head + Self.hidden + "GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try client.answer().status == 200)
        #expect(try client.answer().status == 200)
        #expect(seen.all == ["/first", "/next"])
    }

    /// The length that a chunk claims is never believed: what comes is counted.
    @Test func `a chunk that claims to be endless is held to the limit, and to its time`() throws {
        let seen = Seen()
        let server = try server(seen)
        defer { server.stop() }
        let head = "POST /big HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        for size in ["7fffffffffffffff", "ffffffffffffffff", "fffffffffffffffff"] {
            let sender = try RawClient(port: server.port)
            sender.send(head + size + "\r\n" + String(repeating: "a", count: 4000))
            // Cut without a word, or told that the size is no number that fits.
            if let answer = try? sender.answer() { #expect(answer.status >= 400) }
            #expect(try sender.isClosed())
            let waiter = try RawClient(port: server.port)
            waiter.send(head + size + "\r\n")
            if let answer = try? waiter.answer() { #expect(answer.status >= 400) }
            #expect(try waiter.isClosed())
        }
        #expect(seen.all == [])
    }

    /// What libmicrohttpd 0.9.75 takes although RFC 9112 (2.2, 5.2) says that it need not, and cannot be
    /// seen from its callbacks. Pinned here, so that a new version that differs is noticed: none of
    /// these makes one request into two.
    @Test(arguments: [
        "GET /first HTTP/1.1\nHost: localhost\n\n",
        "GET /first HTTP/1.1\r\nHost: localhost\nX-A: b\r\n\r\n",
        "GET /first HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n",
    ])
    func `a bare line feed or a folded field is one request and no more`(_ text: String) throws {
        let seen = Seen()
        let server = try server(seen)
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send(text)
        let status = try client.answer().status
        #expect(status == 200 || status == 400)
        #expect(seen.all == (status == 200 ? ["/first"] : []))
    }
}
