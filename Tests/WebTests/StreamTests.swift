// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Synchronization
import Testing

@testable import Web

private func event(_ id: Int64, topic: String = "stock.see", size: Int = 0) -> StreamEvent {
    let data = #"{"n":\#(id),"x":""# + String(repeating: "x", count: size) + #""}"#
    return StreamEvent(id: id, kind: "stock.moved", data: Array(data.utf8), topic: topic)
}

/// A server whose every path opens a stream: "/KEY", the past being `past`.
private func streaming(
    _ hub: EventHub, past: [StreamEvent] = [], allows: Set<String> = ["stock.see"]
) throws -> MicroHTTPServer {
    let handler = Handler { request, reply in
        // As in the real house: the past is read on another thread.
        elsewhere {
            do {
                let after = request.head.header("last-event-id").flatMap { Int64($0) }
                reply.send(
                    try hub.open(
                        key: request.head.segments[0], after: after,
                        past: { after, limit in
                            Array(past.filter { $0.id > after }.prefix(limit))
                        }, allows: { allows.contains($0.topic) }))
            } catch {
                reply.fail(error)
            }
        }
    }
    return try serve(handler, streams: hub)
}

extension RawClient {
    func openStream(_ key: String, last: Int64? = nil) throws -> Answer {
        let resume = last.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        send("GET /\(key) HTTP/1.1\r\nHost: a\r\n\(resume)\r\n")
        return try head()
    }

    /// The id of the next event; frames without one are passed over.
    func nextID() throws -> Int64 {
        while true {
            let frame = try take(through: "\n\n")
            for line in frame.split(whereSeparator: \.isNewline) where line.hasPrefix("id: ") {
                return Int64(line.dropFirst(4)) ?? -1
            }
        }
    }
}

@Suite(.serialized) struct StreamTests {
    @Test func `a hundred streams get every event once and in order`() throws {
        let hub = EventHub(streamsMax: 100)
        let server = try streaming(hub)
        defer { server.stop() }
        let clients = try (0..<100).map { _ in try RawClient(port: server.port) }
        for (index, client) in clients.enumerated() {
            let answer = try client.openStream("s\(index)")
            #expect(answer.status == 200)
            #expect(answer.header("content-type") == "text/event-stream")
        }
        #expect(hub.count == 100)
        for id in 1...200 { hub.publish(event(Int64(id))) }
        for client in clients {
            for id in 1...200 { #expect(try client.nextID() == Int64(id)) }
        }
        let more = try RawClient(port: server.port).openStream("more")
        #expect(more.status == 503)
    }

    @Test func `a reader that comes back gets what it missed and then what happens`() throws {
        let hub = EventHub(streamsMax: 4)
        let server = try streaming(hub, past: (1...50).map { event(Int64($0)) })
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        _ = try client.openStream("a", last: 40)
        for id in 41...50 { #expect(try client.nextID() == Int64(id)) }
        hub.publish(event(50))
        hub.publish(event(51))
        #expect(try client.nextID() == 51)
    }

    @Test func `a reader that missed too much is told to load anew`() throws {
        let hub = EventHub(streamsMax: 4)
        let server = try streaming(hub, past: (1...1100).map { event(Int64($0)) })
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        _ = try client.openStream("a", last: 0)
        _ = try client.take(through: "event: reset\n")
        hub.publish(event(1101))
        #expect(try client.nextID() == 1101)
    }

    @Test func `a reader sees only what it may see`() throws {
        let hub = EventHub(streamsMax: 4)
        let past = [event(1), event(2, topic: "user.manage"), event(3)]
        let server = try streaming(hub, past: past)
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        _ = try client.openStream("a", last: 0)
        hub.publish(event(4, topic: "user.manage"))
        hub.publish(event(5))
        #expect(try [client.nextID(), client.nextID(), client.nextID()] == [1, 3, 5])
    }

    @Test func `events that come while the past is read are neither lost nor doubled`() throws {
        let hub = EventHub(streamsMax: 1)
        let ids = Mutex<[Int64]>([])
        let response = try hub.open(
            key: "a", after: 0,
            past: { _, _ in
                hub.publish(event(2))
                hub.publish(event(3))
                return [event(1), event(2)]
            },
            allows: { event in
                ids.withLock { $0.append(event.id) }
                return true
            })
        guard case .stream(let stream) = response.body else {
            Issue.record("no stream")
            return
        }
        #expect(stream.waitingText.components(separatedBy: "id: ").count == 4)
        let order = stream.waitingText.split(whereSeparator: \.isNewline)
            .filter { $0.hasPrefix("id: ") }
        #expect(order == ["id: 1", "id: 2", "id: 3"])
        stream.close()
    }

    @Test func `a reader that does not read loses its stream, the others do not notice`() throws {
        let hub = EventHub(streamsMax: 4)
        let server = try streaming(hub)
        defer { server.stop() }
        let slow = try RawClient(port: server.port)
        let quick = try RawClient(port: server.port)
        _ = try slow.openStream("slow")
        _ = try quick.openStream("quick")
        var id: Int64 = 0
        // The system's own buffers take some megabytes first.
        while hub.count == 2 && id < 2000 {
            id += 1
            hub.publish(event(id, size: 32 * 1024))
            #expect(try quick.nextID() == id)
        }
        #expect(becomes { hub.count == 1 })
        hub.publish(event(id + 1))
        #expect(try quick.nextID() == id + 1)
    }

    @Test func `a reader that goes away frees its place before the next heartbeat`() throws {
        let hub = EventHub(streamsMax: 4)
        let server = try streaming(hub)
        defer { server.stop() }
        let stays = try RawClient(port: server.port)
        _ = try stays.openStream("stays")
        let start = ContinuousClock.now
        do {
            let leaves = try RawClient(port: server.port)
            _ = try leaves.openStream("leaves")
            #expect(hub.count == 2)
            // It is closed with the last that is done with it.
            withExtendedLifetime(leaves) {}
        }
        #expect(becomes { hub.count == 1 })
        #expect(ContinuousClock.now - start < .seconds(EventHub.heartbeatSeconds))
        hub.publish(event(1))
        #expect(try stays.nextID() == 1)
    }

    @Test func `a cut key ends its streams within a second and no others`() throws {
        let hub = EventHub(streamsMax: 4)
        let server = try streaming(hub)
        defer { server.stop() }
        let one = try RawClient(port: server.port)
        let other = try RawClient(port: server.port)
        _ = try one.openStream("one")
        _ = try other.openStream("other")
        let start = ContinuousClock.now
        hub.cut(key: "one")
        _ = try one.take(through: "0\r\n\r\n")
        #expect(ContinuousClock.now - start < .seconds(1))
        hub.publish(event(1))
        #expect(try other.nextID() == 1)
        #expect(becomes { hub.count == 1 })
    }

    @Test func `a reader that is not welcome any more loses its stream at the next look`() throws {
        let hub = EventHub(streamsMax: 4)
        let welcome = Mutex(true)
        let response = try hub.open(
            key: "a", after: nil, past: { _, _ in [] }, allows: { _ in true },
            isWelcome: { welcome.withLock { $0 } })
        guard case .stream(let stream) = response.body else {
            Issue.record("no stream")
            return
        }
        hub.recheck()
        hub.publish(event(1))
        #expect(stream.waitingText.contains("id: 1"))
        welcome.withLock { $0 = false }
        hub.recheck()
        hub.publish(event(2))
        #expect(stream.waitingText.isEmpty)
    }

    @Test func `a reader that vanished is forgotten`() throws {
        let hub = EventHub(streamsMax: 4)
        let server = try streaming(hub)
        defer { server.stop() }
        do {
            let client = try RawClient(port: server.port)
            _ = try client.openStream("a")
        }
        var id: Int64 = 0
        #expect(
            becomes {
                id += 1
                hub.publish(event(id))
                return hub.count == 0
            })
        #expect(becomes { server.exchanges == 0 })
    }

    @Test func `stopping ends the streams`() throws {
        let hub = EventHub(streamsMax: 20)
        let server = try streaming(hub)
        let clients = try (0..<20).map { _ in try RawClient(port: server.port) }
        for client in clients { _ = try client.openStream("a") }
        let start = ContinuousClock.now
        server.stop()
        #expect(ContinuousClock.now - start < .seconds(2))
        #expect(hub.count == 0)
        for client in clients { _ = try client.take(through: "0\r\n\r\n") }
    }

    @Test func `a line end in data begins a new field and never a new event`() {
        let event = StreamEvent(
            id: 7, kind: "a\nid: 9", data: Array("x\n\nid: 8\r\ny".utf8), topic: "")
        #expect(
            String(decoding: event.frame(masked: false), as: UTF8.self)
                == "id: 7\nevent: aid: 9\ndata: x\ndata: \ndata: id: 8\ndata: y\n\n")
    }
}
