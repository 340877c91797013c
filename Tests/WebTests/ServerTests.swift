// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import Kernel
import Synchronization
import Testing

@testable import Web

struct Unforeseen: Error {}

/// Replies that a test answers when it wants to.
final class Shelf: Sendable {
    private let replies = Mutex<[Reply]>([])
    var count: Int { replies.withLock { $0.count } }
    func put(_ reply: Reply) { replies.withLock { $0.append(reply) } }
    func takeAll() -> [Reply] {
        replies.withLock { replies in
            defer { replies = [] }
            return replies
        }
    }
}

@Suite(.serialized) struct ServerTests {
    @Test func `an answer may come at once, from another thread, or not at all`() throws {
        let notes = Notes()
        let server = try serve(
            Handler { request, reply in
                switch request.head.path {
                case "/now": reply.send(.text("now"))
                case "/later": elsewhere { reply.send(.text("later")) }
                case "/twice":
                    reply.send(.text("first"))
                    reply.send(.text("second"))
                case "/refused": reply.fail(WebRefusal.busy)
                case "/broken": elsewhere { reply.fail(Unforeseen()) }
                default: break
                }
            }, notes: notes)
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        for _ in 0..<3 {
            #expect(try client.ask("GET", "/now").text == "now")
            #expect(try client.ask("GET", "/later").text == "later")
            #expect(try client.ask("GET", "/twice").text == "first")
            let refused = try client.ask("GET", "/refused")
            #expect(refused.status == 503 && refused.header("retry-after") == "2")
            let broken = try client.ask("GET", "/broken", headers: ["Accept-Language: en"])
            #expect(broken.status == 500)
            let problem = try JSON(reading: broken.body)
            #expect(problem["title"]?.text == "Title of server.failed")
            #expect(!broken.text.contains("Unforeseen"))
            let id = try #require(problem["instance"]?.text)
            #expect(notes.all.contains { $0.hasPrefix(id) && $0.contains("Unforeseen") })
            #expect(try client.ask("GET", "/dropped").status == 500)
        }
        #expect(becomes { server.exchanges == 0 })
    }

    @Test func `many answers from another thread all arrive at their own clients`() throws {
        let server = try serve(
            Handler { request, reply in elsewhere { reply.send(.text(request.head.path)) } })
        defer { server.stop() }
        let clients = try (0..<50).map { _ in try RawClient(port: server.port) }
        for round in 0..<20 {
            for (index, client) in clients.enumerated() {
                client.send("GET /\(round)/\(index) HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            for (index, client) in clients.enumerated() {
                #expect(try client.answer().text == "/\(round)/\(index)")
            }
        }
    }

    @Test func `a request nobody answers gets 503 at its deadline, and a late answer is lost`()
        throws
    {
        let shelf = Shelf()
        let server = try serve(Handler { _, reply in shelf.put(reply) }) { settings in
            settings.answerSeconds = 1
        }
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        let answer = try client.ask("GET", "/")
        #expect(answer.status == 503)
        #expect(try JSON(reading: answer.body)["code"]?.text == "server.timed_out")
        for reply in shelf.takeAll() { reply.send(.text("late")) }
        #expect(becomes { server.exchanges == 0 })
    }

    @Test func `a client that leaves while its answer is made leaves nothing behind`() throws {
        let shelf = Shelf()
        let server = try serve(Handler { _, reply in shelf.put(reply) })
        defer { server.stop() }
        for _ in 0..<20 {
            let client = try RawClient(port: server.port)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        }
        #expect(becomes { shelf.count == 20 })
        for reply in shelf.takeAll() { reply.send(.text("too late")) }
        #expect(becomes { server.exchanges == 0 && server.connections == 0 })
    }

    @Test func `requests whose header never ends well leave nothing behind`() throws {
        let server = try serve(echo) { $0.headerSeconds = 2 }
        defer { server.stop() }
        for text in ["GET / HTTP/1.1\r\nHo", "GET / HTTP/1.1\r\n: x\r\n\r\n", "GET"] {
            let client = try RawClient(port: server.port)
            client.send(text)
        }
        #expect(becomes { server.connections == 0 })
        #expect(becomes { server.exchanges == 0 })
    }

    /// libmicrohttpd 0.9.75 asks epoll again, with its full timeout and before it looks at the
    /// events it has, when one call returned exactly 128 of them.
    @Test(arguments: [100, 119, 120, 127, 128, 129, 200, 240])
    func `that many requests arriving at once while the threads are busy are all answered`(
        count: Int
    ) throws {
        let gate = DispatchSemaphore(value: 0)
        let entered = DispatchSemaphore(value: 0)
        let server = try serve(
            Handler { request, reply in
                if request.head.path == "/block" {
                    entered.signal()
                    _ = gate.wait(timeout: .now() + 5)
                }
                reply.send(.text("ok"))
            })
        defer { server.stop() }
        // Connections are kept by the thread that accepted them; two of these hold both threads.
        var clients: [RawClient] = []
        for _ in 0..<count {
            let client = try RawClient(port: server.port, seconds: 5)
            #expect(try client.ask("GET", "/").status == 200)
            clients.append(client)
        }
        clients[0].send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n")
        entered.wait()
        for client in clients.dropFirst() { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
        gate.signal()
        for client in clients { #expect(try client.answer().status == 200) }
    }

    @Test func `more connections than allowed from one address are turned away`() throws {
        let server = try serve(echo) {
            $0.connectionsPerAddressMax = 3
            $0.yieldSeconds = 3600
        }
        defer { server.stop() }
        let clients = try (0..<3).map { _ in try RawClient(port: server.port) }
        for client in clients { #expect(try client.ask("GET", "/").status == 200) }
        let fourth = try RawClient(port: server.port)
        fourth.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try fourth.isClosed())
        #expect(try clients[0].ask("GET", "/").status == 200)
    }

    /// libmicrohttpd 0.9.75 keeps a lock for ever when a connection is added to a full thread.
    @Test func `clients beyond the limit wait their turn and no thread stands still`() throws {
        let server = try serve(echo) {
            $0.connectionsPerAddressMax = 1000
            $0.yieldSeconds = 3600
        }
        defer { server.stop() }
        let most = Limit.workers * Limit.connectionsPerWorker
        var held = try (0..<most).map { _ in try RawClient(port: server.port) }
        for client in held { #expect(try client.ask("GET", "/").status == 200) }
        for _ in 0..<5 {
            let waiting = try (0..<60).map { _ in try RawClient(port: server.port) }
            for client in waiting { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
            #expect(server.connections == most)
            held.removeFirst(60)
            for client in waiting { #expect(try client.answer().status == 200) }
            held += waiting
            for client in held { #expect(try client.ask("GET", "/").status == 200) }
        }
    }

    /// 100,000 with `make churn`.
    private let cycles =
        ProcessInfo.processInfo.environment["SLUICE_CONNECTIONS"].flatMap { Int($0) } ?? 3000

    @Test func `thousands of connections leave no descriptor behind`() throws {
        let server = try serve(echo)
        defer { server.stop() }
        func descriptors() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        }
        #expect(try RawClient(port: server.port).ask("GET", "/").status == 200)
        #expect(becomes { server.connections == 0 })
        let before = try descriptors()
        for _ in 0..<cycles {
            #expect(try RawClient(port: server.port).ask("GET", "/").status == 200)
        }
        #expect(becomes { server.connections == 0 })
        #expect(becomes { ((try? descriptors()) ?? .max) <= before + 8 })
    }

    @Test func `a large upload does not hold up others`() throws {
        let server = try serve(
            Handler(bodyMax: 16 << 20) { request, reply in
                let sum = request.body.reduce(UInt64(0)) { $0 &+ UInt64($1) }
                reply.send(.text("\(request.body.count) \(sum)"))
            })
        defer { server.stop() }
        let uploads = try (0..<4).map { _ in try RawClient(port: server.port) }
        let other = try RawClient(port: server.port)
        let size = 8 << 20
        let half = [UInt8](repeating: 1, count: size / 2)
        for upload in uploads {
            upload.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
            upload.send(half)
        }
        // All four stand in the middle of their bodies.
        for _ in 0..<100 { #expect(try other.ask("GET", "/").text == "0 0") }
        for upload in uploads { upload.send(half) }
        for upload in uploads { #expect(try upload.answer().text == "\(size) \(size)") }
    }

    @Test func `large bodies beyond the common budget are told to come again`() throws {
        let server = try serve(Handler(bodyMax: 1 << 20) { _, reply in reply.send(.text("ok")) }) {
            $0.bodyBytesMax = 1 << 20
        }
        defer { server.stop() }
        let body = [UInt8](repeating: 0, count: 700_000)
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n"
        let first = try RawClient(port: server.port)
        first.send(head)
        first.send(Array(body.prefix(600_000)))
        let second = try RawClient(port: server.port)
        #expect(becomes { server.bodyBytes == body.count })
        second.send(head)
        #expect(try second.answer().status == 503)
        first.send(Array(body.suffix(100_000)))
        #expect(try first.answer().status == 200)
        #expect(becomes { server.bodyBytes == 0 })
        let third = try RawClient(port: server.port)
        #expect(try third.ask("POST", "/", body: body).status == 200)
    }

    @Test func `stopping answers what is under way and does not abort`() throws {
        let shelf = Shelf()
        let server = try serve(Handler { _, reply in shelf.put(reply) }) { $0.drainSeconds = 5 }
        let clients = try (0..<20).map { _ in try RawClient(port: server.port) }
        for client in clients { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
        #expect(becomes { shelf.count == 20 })
        let stopped = DispatchSemaphore(value: 0)
        elsewhere {
            server.stop()
            stopped.signal()
        }
        for reply in shelf.takeAll() { elsewhere { reply.send(.text("done")) } }
        for client in clients { #expect(try client.answer().text == "done") }
        #expect(stopped.wait(timeout: .now() + 10) == .success)
        #expect(throws: (any Error).self) {
            _ = try RawClient(port: server.port).ask("GET", "/")
        }
    }

    @Test func `stopping does not wait for ever for an answer that does not come`() throws {
        let shelf = Shelf()
        let server = try serve(Handler { _, reply in shelf.put(reply) }) { $0.drainSeconds = 1 }
        let client = try RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(becomes { shelf.count == 1 })
        let start = ContinuousClock.now
        server.stop()
        #expect(ContinuousClock.now - start < .seconds(4))
        let answer = try client.answer()
        #expect(answer.status == 503)
        #expect(answer.header("connection")?.lowercased() == "close")
        for reply in shelf.takeAll() { reply.send(.text("nobody listens")) }
        server.stop()
    }

    /// A request that began to wait after the last look for waiting ones would leave its connection
    /// suspended, on which libmicrohttpd aborts the process.
    @Test func `a request that comes while the server stops does not begin to wait`() throws {
        let shelf = Shelf()
        let server = try serve(Handler { _, reply in shelf.put(reply) }) { $0.drainSeconds = 5 }
        let (first, late) = (try RawClient(port: server.port), try RawClient(port: server.port))
        first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        // Known to the server before it stops, like the connection that a browser keeps.
        late.send("GET / HT")
        #expect(becomes { shelf.count == 1 && server.connections == 2 })
        let stopped = DispatchSemaphore(value: 0)
        elsewhere {
            server.stop()
            stopped.signal()
        }
        #expect(becomes { server.isStopping })
        late.send("TP/1.1\r\nHost: a\r\n\r\n")
        let answer = try late.answer()
        #expect(answer.status == 503)
        #expect(answer.header("connection")?.lowercased() == "close")
        #expect(shelf.count == 1)
        for reply in shelf.takeAll() { reply.send(.text("done")) }
        #expect(try first.answer().text == "done")
        #expect(stopped.wait(timeout: .now() + 10) == .success)
    }

    @Test func `stopping amid many requests ends in peace`() throws {
        for _ in 0..<20 {
            let server = try serve(
                Handler { _, reply in elsewhere { reply.send(.text("done")) } })
            let gone = DispatchGroup()
            for _ in 0..<8 {
                let port = server.port
                elsewhere(of: gone) {
                    guard let client = try? RawClient(port: port) else { return }
                    while let answer = try? client.ask("GET", "/"), answer.status == 200 {}
                }
            }
            #expect(becomes { server.exchanges > 0 })
            server.stop()
            #expect(gone.wait(timeout: .now() + 10) == .success)
        }
    }

    @Test func `a Unix socket tells who is at its other end`() throws {
        let path = NSTemporaryDirectory() + "web-\(getpid())-\(Int.random(in: 0..<1_000_000))"
        let handler = Handler { request, reply in
            let user = request.head.peerUser.map { String($0) } ?? "none"
            elsewhere { reply.send(.text(request.head.clientAddress + " " + user)) }
        }
        let server = try serve(handler) { $0.place = .path(path) }
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        let client = try RawClient(path: path)
        #expect(try client.ask("GET", "/").text == "local \(getuid())")
        #expect(try client.ask("GET", "/").text == "local \(getuid())")
        server.stop()
        #expect(stat(path, &status) != 0)
    }

    @Test func `a socket file left behind by a crash is replaced, any other file is not`() throws {
        let path = NSTemporaryDirectory() + "web-\(getpid())-\(Int.random(in: 0..<1_000_000))"
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: MicroHTTPServer.Failure.self) { try serve(echo) { $0.place = .path(path) } }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("precious".utf8))
        unlink(path)
        let first = try serve(echo) { $0.place = .path(path) }
        let second = try serve(echo) { $0.place = .path(path) }
        #expect(try RawClient(path: path).ask("GET", "/").status == 200)
        first.stop()
        second.stop()
    }

    @Test func `a port in use is reported`() throws {
        let server = try serve(echo)
        defer { server.stop() }
        #expect(throws: MicroHTTPServer.Failure.socket(call: "bind", number: EADDRINUSE)) {
            try serve(echo) { $0.place = .address("127.0.0.1", port: server.port) }
        }
    }

    @Test func `a given socket that listens is used`() throws {
        let socket = try ListeningSocket(.address("127.0.0.1", port: 0))
        let server = try serve(echo) { $0.place = .socket(socket.descriptor) }
        #expect(server.port == socket.port)
        #expect(try RawClient(port: server.port).ask("GET", "/").status == 200)
        server.stop()
    }

    @Test func `HEAD has the head of GET and no body`() throws {
        let server = try serve(echo)
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        let answer = try client.ask("HEAD", "/a")
        #expect(answer.status == 200 && answer.header("content-length") == "9")
        #expect(try client.ask("GET", "/a").text == "GET a  0")
    }

    @Test func `requests sent in one piece are answered in order`() throws {
        let server = try serve(
            Handler { request, reply in elsewhere { reply.send(.text(request.head.path)) } })
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        client.send((0..<20).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        for index in 0..<20 { #expect(try client.answer().text == "/\(index)") }
    }

    @Test func `a name or value with a line end never reaches the wire as a second header`() throws
    {
        let server = try serve(
            Handler { _, reply in
                reply.send(.text("x", headers: [.init("X-A", "b\r\nSet-Cookie: c=d")]))
            })
        defer { server.stop() }
        let answer = try RawClient(port: server.port).ask("GET", "/")
        #expect(answer.status == 200 && answer.header("set-cookie") == nil)
    }
}
