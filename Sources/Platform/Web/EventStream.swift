// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CMicroHTTPD
package import Kernel
import Synchronization

/// One event of a stream: the `id`, `event` and `data` of server-sent events (WHATWG HTML, 9.2).
package struct StreamEvent: Sendable {
    /// Grows from event to event; what a browser sends back as Last-Event-ID.
    package let id: Int64
    /// The event's kind, for example "stock.moved".
    package let kind: String
    /// JSON in one line.
    package let data: [UInt8]
    /// What a subscriber must be allowed to see, compared by the filter it subscribed with.
    package let topic: String
    /// The rows that it is about; nil when it is about none, so that no scope hides it.
    package let rows: [[Dimension: Int64]]?
    /// The same without the names of people, for readers who may not read them.
    package let masked: [UInt8]?

    package init(
        id: Int64, kind: String, data: [UInt8], topic: String,
        rows: [[Dimension: Int64]]? = nil, masked: [UInt8]? = nil
    ) {
        self.rows = rows
        self.masked = masked
        self.id = id
        self.kind = kind
        self.data = data
        self.topic = topic
    }

    /// Whether it lies within a scope: one of its rows is in sight.
    package func lies(within scope: Scope) -> Bool {
        guard let rows, scope != .everything else { return true }
        return rows.contains(where: scope.allows)
    }

    /// The bytes on the wire, with or without the names of people.
    func frame(masked isMasked: Bool) -> [UInt8] { frame(isMasked ? masked ?? data : data) }

    /// Line ends inside would end the field, so each line is a field.
    private func frame(_ data: [UInt8]) -> [UInt8] {
        var frame = Array("id: \(id)\nevent: ".utf8)
        frame += kind.utf8.filter { $0 >= 0x20 }
        for line in data.split(separator: 0x0a, omittingEmptySubsequences: false) {
            frame += "\ndata: ".utf8
            frame += line.filter { $0 != 0x0d }
        }
        frame += "\n\n".utf8
        return frame
    }
}

/// The events on their way to one reader, in a bounded buffer.
///
/// A reader that is too slow loses its stream; its browser connects again and gets what it missed
/// by Last-Event-ID. That is cheaper and safer than a buffer without end.
package final class EventStream: Sendable {
    static let bufferMax = Limit.streamBufferBytes

    private struct State {
        var buffer: [UInt8] = Array("retry: 2000\n\n".utf8)
        /// Bytes at the front of `buffer` that were taken.
        var taken = 0
        var lastID: Int64
        /// Events that came while the past was still being read; nil afterwards.
        var held: [StreamEvent]? = []
        var isClosed = false
        /// Beats since `isClosed`.
        var closedBeats = 0
        var connection: ConnectionHandle?
        var line: Line?
        var table: ConnectionTable?
        var isAsleep = false

        var waiting: Int { buffer.count - taken }

        mutating func append(_ bytes: [UInt8]) {
            if taken == buffer.count {
                buffer.removeAll(keepingCapacity: buffer.capacity <= 16 * 1024)
                taken = 0
            }
            buffer += bytes
        }

        /// The connection to wake, if it sleeps.
        mutating func wake() -> ConnectionHandle? {
            guard isAsleep else { return nil }
            isAsleep = false
            return connection
        }
    }

    /// Who reads; several streams may share a key.
    let key: String
    private let allows: @Sendable (StreamEvent) -> Bool
    /// Whether the names of people are left out.
    let isMasked: Bool
    /// Whether the reader may still listen.
    let isWelcome: @Sendable () -> Bool
    private let state: Mutex<State>
    private let onEnd: @Sendable (EventStream) -> Void

    init(
        key: String, after: Int64?, isMasked: Bool = false,
        allows: @escaping @Sendable (StreamEvent) -> Bool,
        isWelcome: @escaping @Sendable () -> Bool = { true },
        onEnd: @escaping @Sendable (EventStream) -> Void
    ) {
        self.key = key
        self.isMasked = isMasked
        self.allows = allows
        self.isWelcome = isWelcome
        self.onEnd = onEnd
        state = Mutex(State(lastID: after ?? -1))
    }

    // MARK: From the hub

    /// Appends an event the reader may see. `frame` is the same for all readers who see names, or
    /// for all who do not.
    func offer(_ event: StreamEvent, frame: [UInt8]) {
        guard allows(event) else { return }
        change { state in
            guard event.id > state.lastID else { return }
            if state.held != nil {
                state.held?.append(event)
                state.isClosed = state.isClosed || (state.held?.count ?? 0) > EventHub.replayMax
            } else {
                state.lastID = event.id
                Self.append(frame, &state)
            }
        }
    }

    /// Sends the past, or the word that there is too much of it, and then what was held back.
    func goLive(past: [StreamEvent], isTooMuch: Bool) {
        let past = past.filter(allows)
        change { state in
            let held = state.held ?? []
            state.held = nil
            if isTooMuch {
                // The reader loads everything anew; held events are part of what it then sees.
                Self.append(Array("event: reset\ndata: {}\n\n".utf8), &state)
            }
            for event in (isTooMuch ? [] : past) + held where event.id > state.lastID {
                state.lastID = event.id
                Self.append(event.frame(masked: isMasked), &state)
            }
        }
    }

    func heartbeat() {
        change { state in
            if state.held == nil { Self.append(Array(": hb\n\n".utf8), &state) }
        }
    }

    /// Ends the stream at once; what was not yet sent is dropped.
    package func close() {
        change { $0.isClosed = true }
    }

    /// Ends the stream of a reader who went away. While nothing is sent, nobody else looks at its
    /// connection, which takes one of the places that an address has.
    func closeIfLeft() {
        let reader: (line: Line, table: ConnectionTable)? = state.withLock { state in
            guard !state.isClosed, let line = state.line, let table = state.table else {
                return nil
            }
            return (line, table)
        }
        if let reader, reader.table.isLeft(reader.line) { close() }
    }

    /// A closed stream whose reader takes nothing any more is cut off after a second.
    func cutIfStuck() {
        let stuck: (line: Line, table: ConnectionTable)? = state.withLock { state in
            guard state.isClosed else { return nil }
            state.closedBeats += 1
            guard state.closedBeats == 2, let line = state.line, let table = state.table else {
                return nil
            }
            return (line, table)
        }
        if let stuck { stuck.table.cut(stuck.line) }
    }

    /// What was not yet taken, as text; for tests.
    var waitingText: String {
        state.withLock { String(decoding: $0.buffer[$0.taken...], as: UTF8.self) }
    }

    private func change(_ body: (inout State) -> Void) {
        let asleep: ConnectionHandle? = state.withLock { state in
            if !state.isClosed { body(&state) }
            if state.isClosed {
                state.buffer = []
                state.taken = 0
                state.held = nil
            }
            return state.isClosed || state.waiting > 0 ? state.wake() : nil
        }
        if let asleep { MHD_resume_connection(asleep.pointer) }
    }

    private static func append(_ bytes: [UInt8], _ state: inout State) {
        if state.waiting + bytes.count > bufferMax {
            state.isClosed = true
        } else {
            state.append(bytes)
        }
    }

    // MARK: From the connection's thread

    func attach(_ connection: ConnectionHandle, line: Line, table: ConnectionTable) {
        state.withLock { state in
            state.connection = connection
            state.line = line
            state.table = table
        }
    }

    /// The native response, which holds this stream until libmicrohttpd frees it.
    func makeNative() -> OpaquePointer? {
        let context = Unmanaged.passRetained(self).toOpaque()
        let made = MHD_create_response_from_callback(
            UInt64.max, 4096, readStream, context, freeStream)
        guard let made else {
            Unmanaged<EventStream>.fromOpaque(context).release()
            return nil
        }
        _ = MHD_add_response_header(made, "Content-Type", "text/event-stream")
        return made
    }

    /// Bytes copied, 0 after putting the connection to sleep, -1 at the end of the stream.
    fileprivate func read(into output: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            if state.waiting > 0 {
                let count = min(state.waiting, output.count)
                state.buffer.withUnsafeBytes { bytes in
                    output.copyMemory(
                        from: UnsafeRawBufferPointer(
                            rebasing: bytes[state.taken..<(state.taken + count)]))
                }
                state.taken += count
                return count
            }
            if state.isClosed { return -1 }
            // Under the lock, so that an event that comes now finds the connection asleep.
            if let connection = state.connection {
                MHD_suspend_connection(connection.pointer)
                state.isAsleep = true
            }
            return 0
        }
    }

    /// The connection is gone or the answer complete.
    fileprivate func end() {
        state.withLock { state in
            state.isClosed = true
            state.isAsleep = false
            state.connection = nil
            state.line = nil
            state.table = nil
        }
        onEnd(self)
    }
}

private let readStream: MHD_ContentReaderCallback = { context, _, output, size in
    guard let context else { return -1 }
    return Unmanaged<EventStream>.fromOpaque(context).takeUnretainedValue()
        .read(into: UnsafeMutableRawBufferPointer(start: output, count: size))
}

private let freeStream: MHD_ContentReaderFreeCallback = { context in
    guard let context else { return }
    Unmanaged<EventStream>.fromOpaque(context).takeRetainedValue().end()
}
