// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import Web

/// Clients that are slow on purpose, and clients that are many.
@Suite struct ReaperTests {
    /// Deadlines of a second, so that a test need not wait for those of a working day.
    private func quick(
        _ handler: any RequestHandler = echo, change: (inout ServerSettings) -> Void = { _ in }
    ) throws -> MicroHTTPServer {
        try serve(handler) { settings in
            settings.headerSeconds = 1
            settings.idleSeconds = 2
            settings.bodyGraceSeconds = 1
            settings.sendSeconds = 1
            change(&settings)
        }
    }

    private func closes(_ client: RawClient, within seconds: Int) throws -> Bool {
        let start = ContinuousClock.now
        let isClosed = try client.isClosed()
        return isClosed && ContinuousClock.now - start < .seconds(seconds)
    }

    @Test(arguments: [
        "", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b",
        "GET / HTTP/1.1\r\nHost: localhost\r\n",
    ])
    func `a header that does not end is closed at its deadline`(_ start: String) throws {
        let server = try quick()
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send(start)
        #expect(try closes(client, within: 6))
    }

    @Test(arguments: [
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: ",
    ])
    func `a body that does not come is closed after its grace`(_ start: String) throws {
        let server = try quick()
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send(start)
        #expect(try closes(client, within: 7))
    }

    /// Sends `piece` again and again, a second apart, which is how long a read waits for nothing.
    private func drip(_ piece: String, to client: RawClient, most: Int) -> Int {
        for round in 0..<most {
            client.send(piece)
            if (try? client.isClosed()) == true { return round }
        }
        return most
    }

    @Test func `a body of a byte a second is closed, also when much came at once before`() throws {
        let server = try quick(Handler(bodyMax: 1 << 20) { _, reply in reply.send(.text("ok")) })
        defer { server.stop() }
        let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
        let slow = try RawClient(port: server.port, seconds: 1)
        slow.send(head)
        #expect(drip("a", to: slow, most: 10) < 8)
        // On average this one keeps the pace for minutes.
        let stalled = try RawClient(port: server.port, seconds: 1)
        stalled.send(head + String(repeating: "a", count: 300_000))
        #expect(drip("a", to: stalled, most: 10) < 8)
        #expect(becomes { server.bodyBytes == 0 })
    }

    @Test func `a body that comes slowly but steadily arrives`() throws {
        // Three seconds, so that a busy machine does not make a steady client a slow one.
        let server = try quick { $0.bodyGraceSeconds = 3 }
        defer { server.stop() }
        let client = try RawClient(port: server.port, seconds: 1)
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40000\r\n\r\n")
        #expect(drip(String(repeating: "a", count: 8000), to: client, most: 4) == 4)
        client.send(String(repeating: "a", count: 8000))
        #expect(try client.answer().status == 200)
    }

    @Test func `a kept connection on which nothing is asked is closed`() throws {
        let server = try quick()
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        #expect(try client.ask("GET", "/").status == 200)
        #expect(try closes(client, within: 7))
    }

    @Test func `an answer that nobody reads is given up`() throws {
        let server = try quick(
            Handler { _, reply in
                reply.send(.text(String(repeating: "a", count: 32 << 20)))
            })
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(becomes { server.connections == 1 })
        #expect(becomes { server.connections == 0 })
        #expect(becomes { server.exchanges == 0 })
    }

    @Test func `many clients behind one address: whoever says nothing gives way`() throws {
        let shelf = Shelf()
        let server = try serve(
            Handler { request, reply in
                if request.head.path == "/wait" {
                    shelf.put(reply)
                } else {
                    reply.send(.text("ok"))
                }
            }
        ) { settings in
            settings.connectionsPerAddressMax = 3
            settings.yieldSeconds = 0
        }
        defer { server.stop() }
        let busy = try RawClient(port: server.port)
        busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(becomes { shelf.count == 1 })
        var others: [RawClient] = []
        for _ in 0..<20 {
            let one = try RawClient(port: server.port)
            #expect(try one.ask("GET", "/").status == 200)
            others.append(one)
        }
        #expect(becomes { server.connections <= 3 })
        #expect(try others[0].isClosed())
        for reply in shelf.takeAll() { reply.send(.text("done")) }
        #expect(try busy.answer().text == "done")
        #expect(try others[19].ask("GET", "/").status == 200)
    }

    @Test func `an address whose places are all at work gets no more`() throws {
        let shelf = Shelf()
        let server = try serve(Handler { _, reply in shelf.put(reply) }) { settings in
            settings.connectionsPerAddressMax = 3
            settings.yieldSeconds = 0
        }
        defer { server.stop() }
        let busy = try (0..<3).map { _ in try RawClient(port: server.port) }
        for client in busy { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
        #expect(becomes { shelf.count == 3 })
        let fourth = try RawClient(port: server.port)
        fourth.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try fourth.isClosed())
        for reply in shelf.takeAll() { reply.send(.text("done")) }
        for client in busy { #expect(try client.answer().text == "done") }
    }

    /// The first bytes of an attack by many addresses: all places are taken by those who say nothing.
    @Test(arguments: ["", "GET / HTTP/1.1\r\nX-A: ", "idle"])
    func `a server full of silent clients lets others in within seconds`(_ said: String) throws {
        let server = try serve(echo) { settings in
            settings.connectionsPerAddressMax = 1000
            settings.yieldSeconds = 1
        }
        defer { server.stop() }
        let most = Limit.workers * Limit.connectionsPerWorker
        let silent = try (0..<most).map { _ in try RawClient(port: server.port) }
        for client in silent {
            if said == "idle" {
                #expect(try client.ask("GET", "/").status == 200)
            } else if !said.isEmpty {
                client.send(said)
            }
        }
        #expect(becomes { server.connections == most })
        let start = ContinuousClock.now
        let honest = try (0..<20).map { _ in try RawClient(port: server.port) }
        for client in honest { #expect(try client.ask("GET", "/").status == 200) }
        #expect(ContinuousClock.now - start < .seconds(6))
    }
}
