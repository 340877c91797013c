// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CMicroHTTPD
import Glibc
import Kernel
import Synchronization

/// A connection of libmicrohttpd.
///
/// `@unchecked Sendable`: the only call made on it from other threads is `MHD_resume_connection`,
/// which libmicrohttpd allows, and a suspended connection cannot vanish before it is resumed.
struct ConnectionHandle: @unchecked Sendable {
    let pointer: OpaquePointer
}

/// What all connections of one server share.
final class ServerCore: Sendable {
    let settings: ServerSettings
    let handler: any RequestHandler
    let problems: ProblemWriter
    let table: ConnectionTable
    /// Requests between the call of the handler and the end of the answer.
    let underWay = Atomic<Int>(0)
    /// Requests whose memory is held; for tests of leaks.
    let exchanges = Atomic<Int>(0)
    /// Bytes of large bodies held now.
    let bodyBytes = Atomic<Int>(0)
    let isStopping = Atomic<Bool>(false)
    let note: @Sendable (String) -> Void
    let noteLimit = NoteLimit()
    let turnedAway: TurnedAway

    init(
        settings: ServerSettings, handler: any RequestHandler, problems: ProblemWriter,
        note: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        self.handler = handler
        self.problems = problems
        self.note = note
        turnedAway = TurnedAway(note: note)
        table = ConnectionTable(settings: settings)
    }
}

/// One request on its way through the server.
///
/// `@unchecked Sendable`: everything except `state` is touched by the connection's own thread
/// only; other threads come in through `deliver` and `expire`, which use `state` alone.
final class Exchange: ReplyTarget, @unchecked Sendable {
    private enum State {
        case receiving
        /// The handler is running on the connection's thread.
        case handling
        /// The connection sleeps until another thread answers.
        case suspended(ConnectionHandle)
        case ready(Response)
        case finished
    }

    /// Bodies up to this size are not counted against `bodyBytesMax`.
    private static let smallBody = 64 * 1024

    private let core: ServerCore
    private let line: Line
    private let rawTarget: [UInt8]
    private let number = RequestNumber.next()
    private var head: RequestHead?
    private var body: [UInt8] = []
    private var bodyMax = 0
    private var bodyCounted = 0
    private var isUnderWay = false
    private let state = Mutex<State>(.receiving)

    init(core: ServerCore, line: Line, rawTarget: [UInt8]) {
        self.core = core
        self.line = line
        self.rawTarget = rawTarget
        core.exchanges.wrappingAdd(1, ordering: .relaxed)
        line.enter(.header, tick: core.table.tick)
    }

    deinit { core.exchanges.wrappingSubtract(1, ordering: .relaxed) }

    // MARK: On the connection's thread

    /// The call of libmicrohttpd's access handler: header complete, a piece of body, body
    /// complete, or awake again.
    func step(
        _ connection: OpaquePointer, method: UnsafePointer<CChar>?,
        version: UnsafePointer<CChar>?, piece: UnsafeRawBufferPointer
    ) -> MHD_Result {
        guard let head else { return begin(connection, method: method, version: version) }
        if !piece.isEmpty { return take(piece) }
        return finishOrHandle(connection, head)
    }

    private func begin(
        _ connection: OpaquePointer, method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?
    ) -> MHD_Result {
        var walk = HeaderWalk()
        withUnsafeMutablePointer(to: &walk) {
            _ = MHD_get_connection_values_n(connection, .HEADER_KIND, takeHeader, $0)
        }
        do {
            let head = try makeHead(connection, method: method, version: version, walk: walk)
            self.head = head
            try admitBody(of: head, walk)
        } catch {
            core.turnedAway.add(
                error, from: line.clientAddress, at: monotonicNanoseconds() / 1_000_000_000)
            // What follows a request that was not understood is not a request: RFC 9112, 6.3 and
            // 11.2. libmicrohttpd itself would go on after a GET or PATCH that has a body.
            return queue(
                refusal(error, walk.headers["accept-language"]), on: connection, closing: true)
        }
        line.bodyBytes.store(0, ordering: .relaxed)
        line.enter(.body, tick: core.table.tick)
        return .YES
    }

    private func makeHead(
        _ connection: OpaquePointer, method: UnsafePointer<CChar>?,
        version: UnsafePointer<CChar>?, walk: HeaderWalk
    ) throws -> RequestHead {
        // The method comes first: 405 is the better answer to TRACE without a Host.
        guard let method, let known = Method(rawValue: String(cString: method)) else {
            throw unknownMethod()
        }
        let headerBytes = Int(clamping: sluice_mhd_header_size(connection))
        if let refusal = walk.refusal(
            version: version, headerBytes: headerBytes, settings: core.settings,
            ownAddress: line.ownAddress)
        {
            throw refusal
        }
        let target: TargetReader
        do throws(TargetFault) {
            target = try TargetReader(rawTarget)
        } catch {
            throw WebRefusal.targetBad
        }
        return RequestHead(
            method: known, target: target, headers: walk.headers,
            clientAddress: line.clientAddress, peerUser: line.peerUser, number: number,
            isTLS: line.tls != nil)
    }

    /// 405 must name the methods of the path, where there is one (RFC 9110, 15.5.6).
    private func unknownMethod() -> WebRefusal {
        guard let target = try? TargetReader(rawTarget) else { return .methodUnknown }
        let allowed = core.handler.methods(at: target.segments)
        return allowed.isEmpty ? .methodUnknown : .methodNotAllowed(allowed: allowed)
    }

    /// Refuses a body by its announced length before the client has sent a byte of it.
    private func admitBody(of head: RequestHead, _ walk: HeaderWalk) throws {
        let length = walk.bodyLength ?? 0
        guard walk.isChunked || length > 0 else { return }
        bodyMax = core.handler.bodyLimit(for: head).bytesMax
        guard length <= bodyMax else { throw WebRefusal.bodyTooLarge(most: bodyMax) }
        if length > Self.smallBody && !count(length) { throw WebRefusal.busy }
        body.reserveCapacity(min(length, Self.smallBody))
    }

    /// Reserves bytes of the budget for large bodies.
    private func count(_ bytes: Int) -> Bool {
        bodyCounted += bytes
        let total = core.bodyBytes.wrappingAdd(bytes, ordering: .relaxed).newValue
        return total <= core.settings.bodyBytesMax
    }

    private func take(_ piece: UnsafeRawBufferPointer) -> MHD_Result {
        let total = body.count + piece.count
        // Only a chunked body gets here with too much; libmicrohttpd takes no answer in the middle
        // of a body, so the connection is cut.
        guard total <= bodyMax else { return .NO }
        if total > Self.smallBody && total > bodyCounted && !count(total - bodyCounted) {
            return .NO
        }
        body.append(contentsOf: piece)
        line.bodyBytes.store(total, ordering: .relaxed)
        return .YES
    }

    private func finishOrHandle(_ connection: OpaquePointer, _ head: RequestHead) -> MHD_Result {
        enum Next {
            case handle, wait
            case send(Response)
        }
        let next: Next = state.withLock { state in
            switch state {
            case .receiving:
                state = .handling
                return .handle
            case .ready(let response):
                state = .finished
                return .send(response)
            case .handling, .suspended, .finished:
                return .wait
            }
        }
        switch next {
        case .handle: return handle(connection, head)
        case .wait: return .YES
        case .send(let response): return queue(response, on: connection)
        }
    }

    private func handle(_ connection: OpaquePointer, _ head: RequestHead) -> MHD_Result {
        line.enter(.answering, tick: core.table.tick)
        core.underWay.wrappingAdd(1, ordering: .sequentiallyConsistent)
        isUnderWay = true
        // Counted first and looked at then, in the opposite order of the server that stops: either
        // it waits for this request, or this request sees that it stops and does not fall asleep.
        guard !core.isStopping.load(ordering: .sequentiallyConsistent) else {
            state.withLock { $0 = .finished }
            return queue(
                refusal(WebRefusal.stopping, head.header("accept-language")), on: connection)
        }
        let request = Request(head, body: body)
        body = []
        core.handler.handle(
            request, Reply(head: head, problems: core.problems, target: self))
        // Visible to the reaper before the connection sleeps, so that no sleep is without end.
        line.waiting.withLock { $0 = self }
        let handle = ConnectionHandle(pointer: connection)
        let answer: Response? = state.withLock { state in
            if case .ready(let response) = state {
                state = .finished
                return response
            }
            // Under the lock: an answer that comes now finds the connection asleep and wakes it.
            MHD_suspend_connection(handle.pointer)
            state = .suspended(handle)
            return nil
        }
        guard let answer else { return .YES }
        return queue(answer, on: connection)
    }

    private func queue(
        _ response: Response, on connection: OpaquePointer, closing: Bool = false
    ) -> MHD_Result {
        let isClosing = closing || core.isStopping.load(ordering: .relaxed)
        let strict = line.tls?.strict
        if case .prepared(let prepared) = response.body, !isClosing,
            let made = prepared.native(strict: strict)
        {
            line.enter(.sending, tick: core.table.tick)
            return withExtendedLifetime(made) {
                MHD_queue_response(connection, UInt32(response.status), made.pointer)
            }
        }
        if case .stream(let stream) = response.body {
            line.enter(.streaming, tick: core.table.tick)
            stream.attach(ConnectionHandle(pointer: connection), line: line, table: core.table)
        } else {
            line.enter(.sending, tick: core.table.tick)
        }
        guard let made = NativeResponse.make(response, closing: isClosing, strict: strict) else {
            return .NO
        }
        defer { MHD_destroy_response(made) }
        return MHD_queue_response(connection, UInt32(response.status), made)
    }

    private func refusal(_ error: any Error, _ acceptLanguage: String?) -> Response {
        core.problems.response(
            for: error, requestID: RequestNumber.text(number),
            language: Language.preferred(in: acceptLanguage))
    }

    /// The request is over, answered or not.
    func finish() {
        let dropped: Response? = state.withLock { state in
            defer { state = .finished }
            if case .ready(let response) = state { return response }
            return nil
        }
        if let dropped { Self.abandon(dropped) }
        line.waiting.withLock { $0 = nil }
        if isUnderWay { core.underWay.wrappingSubtract(1, ordering: .acquiringAndReleasing) }
        if bodyCounted > 0 { core.bodyBytes.wrappingSubtract(bodyCounted, ordering: .relaxed) }
        line.enter(.idle, tick: core.table.tick)
    }

    // MARK: On any thread

    func deliver(_ response: Response) {
        enum Outcome {
            case stored, late
            case wake(ConnectionHandle)
        }
        let outcome: Outcome = state.withLock { state in
            switch state {
            case .handling:
                state = .ready(response)
                return .stored
            case .suspended(let connection):
                state = .ready(response)
                return .wake(connection)
            case .receiving, .ready, .finished:
                return .late
            }
        }
        switch outcome {
        case .stored: break
        case .late: Self.abandon(response)
        // Only this call can wake the connection, so it is still there.
        case .wake(let connection): MHD_resume_connection(connection.pointer)
        }
    }

    var isGone: Bool {
        state.withLock { state in
            // Asleep, so nobody else closes the socket meanwhile.
            guard case .suspended = state else { return false }
            var event = pollfd(fd: line.socket, events: peerClosed, revents: 0)
            let gone = peerClosed | Int16(POLLHUP | POLLERR)
            return poll(&event, 1, 0) == 1 && event.revents & gone != 0
        }
    }

    /// Answers in place of a thread that did not.
    func expire(_ refusal: WebRefusal) {
        deliver(self.refusal(refusal, nil))
    }

    /// An answer nobody will read; a stream in it must not stay subscribed.
    private static func abandon(_ response: Response) {
        if case .stream(let stream) = response.body { stream.close() }
    }
}

/// POLLRDHUP of Linux (poll(2)): the peer has closed its end, or at least its writing half.
private let peerClosed: Int16 = 0x2000

/// At file scope: a C callback written elsewhere could be taken for an actor's.
private let takeHeader: MHD_KeyValueIteratorN = { walk, _, name, nameSize, value, valueSize in
    guard let walk else { return .NO }
    func buffer(_ text: UnsafePointer<CChar>?, _ size: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(
            start: UnsafeRawPointer(text)?.assumingMemoryBound(to: UInt8.self),
            count: text == nil ? 0 : size)
    }
    walk.assumingMemoryBound(to: HeaderWalk.self).pointee.take(
        name: buffer(name, nameSize), value: buffer(value, valueSize))
    return .YES
}
