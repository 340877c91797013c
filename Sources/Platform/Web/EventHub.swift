// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Synchronization

/// Where events come in and all open streams are known.
package final class EventHub: Sendable {
    /// Events replayed at most; whoever missed more is told to load anew.
    package static let replayMax = 1000
    static let heartbeatSeconds = 15

    private struct State {
        var streams: [ObjectIdentifier: EventStream] = [:]
        var lastHeartbeat = ContinuousClock.now
        /// The server stops: no stream is opened any more.
        var isShut = false
    }

    private let streamsMax: Int
    private let state = Mutex(State())

    package init(streamsMax: Int = Limit.eventStreams) { self.streamsMax = streamsMax }

    /// Streams open now.
    package var count: Int { state.withLock { $0.streams.count } }

    /// Opens a stream: first what happened after `after`, then what happens from now on, each
    /// event once and in order.
    ///
    /// - Parameters:
    ///   - key: whose stream it is (a session); `cut(key:)` ends it.
    ///   - after: the last event the reader has, from Last-Event-ID; nil for none of the past.
    ///   - past: gives at most `limit` events after an id, oldest first, and may wait. It is
    ///     called on the caller's thread, which must not be a connection's.
    ///   - isMasked: whether the names of people are left out.
    ///   - allows: whether this reader may see an event.
    ///   - isWelcome: whether the reader may still listen; asked by `recheck`, and may wait.
    /// - Throws: `WebRefusal.streamsFull`, and whatever `past` throws.
    package func open(
        key: String, after: Int64?,
        past: (_ after: Int64, _ limit: Int) throws -> [StreamEvent],
        isMasked: Bool = false, allows: @escaping @Sendable (StreamEvent) -> Bool,
        isWelcome: @escaping @Sendable () -> Bool = { true }
    ) throws -> Response {
        let stream = EventStream(
            key: key, after: after, isMasked: isMasked, allows: allows, isWelcome: isWelcome
        ) { [weak self] stream in self?.forget(stream) }
        // Known before the past is read, so that nothing between the two is lost.
        let isAdmitted = try state.withLock { state in
            guard !state.isShut else { throw WebRefusal.stopping }
            guard state.streams.count < streamsMax else { return false }
            state.streams[ObjectIdentifier(stream)] = stream
            return true
        }
        guard isAdmitted else { throw WebRefusal.streamsFull }
        do {
            let missed = try after.map { try past($0, Self.replayMax + 1) } ?? []
            stream.goLive(past: missed, isTooMuch: missed.count > Self.replayMax)
        } catch {
            forget(stream)
            throw error
        }
        return Response(status: 200, body: .stream(stream))
    }

    /// Sends an event to every stream that may see it. From any thread, in the order of ids.
    package func publish(_ event: StreamEvent) {
        let streams = all()
        guard !streams.isEmpty else { return }
        let frame = event.frame(masked: false)
        let masked = streams.contains(where: \.isMasked) ? event.frame(masked: true) : []
        for stream in streams { stream.offer(event, frame: stream.isMasked ? masked : frame) }
    }

    /// Ends the streams of that key, for example when a session ends: at once, or within a second
    /// when the reader does not take what was sent.
    package func cut(key: String) {
        for stream in all() where stream.key == key { stream.close() }
    }

    /// Ends the streams whose readers may not listen any more. Not from a connection's thread.
    package func recheck() {
        for stream in all() where !stream.isWelcome() { stream.close() }
    }

    /// Ends all streams.
    package func closeAll() {
        for stream in all() { stream.close() }
    }

    /// Ends all streams and opens none any more. A stream that came to life while the server stops
    /// would leave its connection suspended, on which libmicrohttpd aborts.
    func shut() {
        state.withLock { $0.isShut = true }
        closeAll()
    }

    /// Called twice a second by the server: heartbeats, and the end of streams that nobody reads or
    /// that are stuck.
    func beat() {
        let (streams, isDue) = state.withLock { state in
            let isDue = ContinuousClock.now - state.lastHeartbeat >= .seconds(Self.heartbeatSeconds)
            if isDue { state.lastHeartbeat = .now }
            return (Array(state.streams.values), isDue)
        }
        for stream in streams {
            stream.closeIfLeft()
            stream.cutIfStuck()
            if isDue { stream.heartbeat() }
        }
    }

    private func all() -> [EventStream] { state.withLock { Array($0.streams.values) } }

    private func forget(_ stream: EventStream) {
        state.withLock { _ = $0.streams.removeValue(forKey: ObjectIdentifier(stream)) }
    }
}
