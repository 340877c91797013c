// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Synchronization

@testable import Web

/// What the inside of a server said; tests look here for what clients must not see.
final class Notes: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

func problemWriter(_ notes: Notes = Notes()) -> ProblemWriter {
    ProblemWriter(
        titles: { code, language in language == .en ? "Title of \(code)" : "标题 \(code)" },
        details: { code, _ in
            code == "request.body_too_large" ? "At most {most} bytes." : nil
        },
        log: { id, message in notes.add(id + " " + message) })
}

/// A handler made of a function.
struct Handler: RequestHandler {
    var bodyMax = 1024
    let body: @Sendable (Request, Reply) -> Void

    func bodyLimit(for head: RequestHead) -> BodyRule { .upTo(bodyMax) }
    func handle(_ request: Request, _ reply: Reply) { body(request, reply) }
}

/// Says what it was asked.
let echo = Handler(bodyMax: 1 << 20) { request, reply in
    let head = request.head
    let query = head.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    let words: [String] = [
        head.method.rawValue, head.segments.joined(separator: "|"), query,
        String(request.body.count),
    ]
    reply.send(.text(words.joined(separator: " ")))
}

/// Starts a server on a free port for one test.
func serve(
    _ handler: any RequestHandler, notes: Notes = Notes(), streams: EventHub? = nil,
    change: (inout ServerSettings) -> Void = { _ in }
) throws -> MicroHTTPServer {
    var settings = ServerSettings(place: .address("127.0.0.1", port: 0))
    settings.connectionsPerAddressMax = 240
    change(&settings)
    return try MicroHTTPServer(
        settings: settings, handler: handler, problems: problemWriter(notes), streams: streams,
        note: { notes.add($0) })
}

/// Runs work on another thread, as the writer and the readers do.
func elsewhere(_ work: @escaping @Sendable () -> Void) {
    DispatchQueue.global().async(execute: work)
}

func elsewhere(of group: DispatchGroup, _ work: @escaping @Sendable () -> Void) {
    DispatchQueue.global().async(group: group, execute: work)
}

/// Waits until something is so, by looking; gives up after ten seconds.
func becomes(_ condition: () -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
        if condition() { return true }
        sched_yield()
    }
    return condition()
}
