// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc
import Synchronization

/// One connection, as the reaper sees it. Its callbacks write, the reaper reads; both only
/// atomics, so a request pays no lock for it.
final class Line: Sendable {
    enum Phase: UInt8, AtomicRepresentable {
        /// Open, nothing asked yet.
        case fresh
        /// A request line was read, the header is not complete.
        case header
        case body
        /// The handler or another thread is at work.
        case answering
        case sending
        /// An event stream, which may last.
        case streaming
        /// Kept open between requests.
        case idle
    }

    let socket: Int32
    let clientAddress: String
    let peerUser: UInt32?
    /// Which of the server's threads runs it.
    let worker: Int
    let phase = Atomic<Phase>(.fresh)
    /// The half second, counted by the reaper, in which the phase began.
    let since: Atomic<Int>
    let bodyBytes = Atomic<Int>(0)
    /// The request that another thread is to answer, for its deadline.
    let waiting = Mutex<Exchange?>(nil)

    init(socket: Int32, peer: Peer, worker: Int, tick: Int) {
        self.socket = socket
        clientAddress = peer.address
        peerUser = peer.user
        self.worker = worker
        since = Atomic(tick)
    }

    func enter(_ phase: Phase, tick: Int) {
        since.store(tick, ordering: .relaxed)
        self.phase.store(phase, ordering: .relaxed)
    }

    /// Ends the connection from outside its thread. Only under the table's lock, because the
    /// number of a closed socket is soon another connection's.
    func cut() { _ = shutdown(socket, Int32(SHUT_RDWR)) }
}

/// All open connections, and the half-second beat that closes the slow ones.
///
/// libmicrohttpd's own timeout counts from the last byte; a client that sends one byte a second
/// lives for ever. So each phase has a deadline here.
final class ConnectionTable: Sendable {
    static let ticksPerSecond = 2

    private struct State {
        /// By socket; a number is used again only after its line was removed.
        var lines: [Int32: Line] = [:]
        var perWorker: [Int]
        var perAddress: [String: Int] = [:]

        mutating func remove(_ socket: Int32) {
            guard let line = lines.removeValue(forKey: socket) else { return }
            perWorker[line.worker] -= 1
            let rest = (perAddress[line.clientAddress] ?? 1) - 1
            perAddress[line.clientAddress] = rest > 0 ? rest : nil
        }
    }

    private let state: Mutex<State>
    private let ticks = Atomic<Int>(0)
    private let settings: ServerSettings

    init(settings: ServerSettings) {
        self.settings = settings
        let perWorker = [Int](repeating: 0, count: settings.workers)
        state = Mutex(State(perWorker: perWorker))
    }

    var tick: Int { ticks.load(ordering: .relaxed) }
    var count: Int { state.withLock { $0.lines.count } }

    var isFull: Bool {
        count >= settings.workers * ServerSettings.connectionsPerWorkerMax
    }

    /// Enters a new connection under the thread that has the fewest; nil when the server or its
    /// client has as many as allowed.
    func admit(_ socket: Int32, _ peer: Peer) -> Line? {
        state.withLock { state in
            // Left behind only if libmicrohttpd gave a connection up before it began.
            state.remove(socket)
            let fewest = state.perWorker.indices.min { state.perWorker[$0] < state.perWorker[$1] }
            let fromThere = state.perAddress[peer.address] ?? 0
            guard let worker = fewest,
                state.perWorker[worker] < ServerSettings.connectionsPerWorkerMax,
                peer.user != nil || fromThere < settings.connectionsPerAddressMax
            else { return nil }
            let line = Line(socket: socket, peer: peer, worker: worker, tick: tick)
            state.lines[socket] = line
            state.perWorker[worker] += 1
            state.perAddress[peer.address] = fromThere + 1
            return line
        }
    }

    /// The line of an open socket.
    func line(of socket: Int32) -> Line? { state.withLock { $0.lines[socket] } }

    /// Called before libmicrohttpd closes the socket.
    func remove(_ line: Line) {
        state.withLock { state in
            if state.lines[line.socket] === line { state.remove(line.socket) }
        }
    }

    /// Ends a connection if it is still open.
    func cut(_ line: Line) {
        state.withLock { if $0.lines[line.socket] === line { line.cut() } }
    }

    /// One beat: counts the time and cuts or answers what is overdue.
    func beat() {
        let now = ticks.wrappingAdd(1, ordering: .relaxed).newValue
        var overdue: [Exchange] = []
        state.withLock { state in
            for line in state.lines.values {
                if let exchange = check(line, now) { overdue.append(exchange) }
            }
        }
        for exchange in overdue { exchange.expire(WebRefusal.timedOut) }
    }

    /// Requests that wait for another thread, all of them.
    func waiting() -> [Exchange] {
        state.withLock { $0.lines.values.compactMap { $0.waiting.withLock { $0 } } }
    }

    private func check(_ line: Line, _ now: Int) -> Exchange? {
        let age = now - line.since.load(ordering: .relaxed)
        func isOver(_ seconds: Int) -> Bool { age > seconds * Self.ticksPerSecond }
        switch line.phase.load(ordering: .relaxed) {
        case .fresh, .header:
            if isOver(settings.headerSeconds) { line.cut() }
        case .idle:
            if isOver(settings.idleSeconds) { line.cut() }
        case .body:
            let bytesDue = (age / Self.ticksPerSecond - settings.bodyGraceSeconds) * 1024
            let isSlow = line.bodyBytes.load(ordering: .relaxed) < bytesDue
            if isOver(settings.bodyGraceSeconds) && isSlow { line.cut() }
        case .answering:
            if isOver(settings.answerSeconds) { return line.waiting.withLock { $0 } }
        case .sending:
            if isOver(settings.sendSeconds) { line.cut() }
        case .streaming:
            break
        }
        return nil
    }
}
