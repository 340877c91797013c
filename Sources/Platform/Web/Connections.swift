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
    /// The address of this end; empty for a Unix socket.
    let ownAddress: String
    let peerUser: UInt32?
    /// Which of the server's threads runs it.
    let worker: Int
    let phase = Atomic<Phase>(.fresh)
    /// The half second, counted by the reaper, in which the phase began.
    let since: Atomic<Int>
    let bodyBytes = Atomic<Int>(0)
    /// What had come of the body when its pace was last looked at, and when that was.
    let paceBytes = Atomic<Int>(0)
    let paceTick = Atomic<Int>(0)
    /// Cut to make room, and not counted for its address any more.
    let isLeaving = Atomic<Bool>(false)
    /// The request that another thread is to answer, for its deadline.
    let waiting = Mutex<Exchange?>(nil)
    /// What this end shows over TLS; nil on plain connections.
    let tls: TLSFront?
    /// What was shown in the handshake, which GnuTLS uses until the connection ends.
    private let identity = Mutex<TLSIdentity?>(nil)

    init(socket: Int32, peer: Peer, worker: Int, tick: Int, tls: TLSFront? = nil) {
        self.tls = tls
        self.socket = socket
        clientAddress = peer.address
        ownAddress = peer.own
        peerUser = peer.user
        self.worker = worker
        since = Atomic(tick)
    }

    func enter(_ phase: Phase, tick: Int) {
        since.store(tick, ordering: .relaxed)
        if phase == .body {
            paceBytes.store(0, ordering: .relaxed)
            paceTick.store(tick, ordering: .relaxed)
        }
        self.phase.store(phase, ordering: .relaxed)
    }

    /// What to show in a handshake, kept for as long as this line lives.
    func takeIdentity() -> TLSIdentity? {
        let shown = tls?.identity
        identity.withLock { $0 = shown }
        return shown
    }

    /// Ends the connection from outside its thread. Only under the table's lock, because the
    /// number of a closed socket is soon another connection's.
    func cut() { _ = shutdown(socket, Int32(SHUT_RDWR)) }

    /// Whether the other end sends no more. Also only under the table's lock.
    fileprivate var isLeft: Bool {
        var watched = pollfd(fd: socket, events: Self.hangUp, revents: 0)
        return poll(&watched, 1, 0) == 1 && watched.revents & Self.hangUp != 0
    }

    /// POLLRDHUP of poll(2), which GNU extensions alone define.
    private static let hangUp: Int16 = 0x2000
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
            if !line.isLeaving.load(ordering: .relaxed) { discount(line) }
        }

        mutating func discount(_ line: Line) {
            let rest = (perAddress[line.clientAddress] ?? 1) - 1
            perAddress[line.clientAddress] = rest > 0 ? rest : nil
        }

        /// The line that has rested longest, of those that `fits` takes.
        func longestResting(_ fits: (Line) -> Bool) -> Line? {
            var found: (line: Line, since: Int)?
            for line in lines.values where !line.isLeaving.load(ordering: .relaxed) {
                let since = line.since.load(ordering: .relaxed)
                if since < found?.since ?? .max && fits(line) { found = (line, since) }
            }
            return found?.line
        }

        /// Cuts a line to make room. Its thread counts it until libmicrohttpd has closed it, its
        /// address does not any more.
        mutating func dismiss(_ line: Line) {
            line.isLeaving.store(true, ordering: .relaxed)
            discount(line)
            line.cut()
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
            if peer.user == nil,
                state.perAddress[peer.address] ?? 0 >= settings.connectionsPerAddressMax,
                let useless = leastUseful(in: state, { $0.clientAddress == peer.address })
            {
                // Many clients behind one address, or one that takes all its places to be slow:
                // whoever says nothing gives way, so that the others still get in.
                state.dismiss(useless)
            }
            let fromThere = state.perAddress[peer.address] ?? 0
            guard let worker = fewest,
                state.perWorker[worker] < ServerSettings.connectionsPerWorkerMax,
                peer.user != nil || fromThere < settings.connectionsPerAddressMax
            else { return nil }
            let line = Line(
                socket: socket, peer: peer, worker: worker, tick: tick, tls: settings.tls)
            state.lines[socket] = line
            state.perWorker[worker] += 1
            state.perAddress[peer.address] = fromThere + 1
            return line
        }
    }

    /// Makes room for clients that wait while all places are taken.
    func makeRoom() {
        state.withLock { state in
            for _ in 0..<Self.dismissedAtOnce {
                guard let line = leastUseful(in: state, { _ in true }) else { return }
                state.dismiss(line)
            }
        }
    }

    /// Places made at once, so that a flood is met as quickly as it comes.
    private static let dismissedAtOnce = 16

    /// The connection that is missed least: kept open and silent; then one whose header does not
    /// come; then one whose body, then one whose reading, is slow. Nil when all are at work.
    private func leastUseful(in state: State, _ fits: (Line) -> Bool) -> Line? {
        for phases in [[.idle], [.fresh, .header], [.body], [.sending]] as [[Line.Phase]] {
            let found = state.longestResting { line in
                phases.contains(line.phase.load(ordering: .relaxed)) && yields(line) && fits(line)
            }
            if let found { return found }
        }
        return nil
    }

    /// Whether a connection has been slow for long enough to give way to one that waits. Each is
    /// far below the deadline at which it would be cut without need.
    private func yields(_ line: Line) -> Bool {
        let seconds = (tick - line.since.load(ordering: .relaxed)) / Self.ticksPerSecond
        return switch line.phase.load(ordering: .relaxed) {
        case .idle: seconds >= settings.yieldSeconds
        case .fresh, .header: seconds >= 1
        case .body: seconds >= 1 && line.bodyBytes.load(ordering: .relaxed) < seconds * 1024
        // They come last: a large answer over a poor line may take longer, and is asked for again.
        case .sending: seconds >= min(1, settings.yieldSeconds)
        case .answering, .streaming: false
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

    /// Whether the other end has closed a connection that is still open here.
    func isLeft(_ line: Line) -> Bool {
        state.withLock { $0.lines[line.socket] === line && line.isLeft }
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

    /// Whether a body comes too slowly: less than 1 KiB a second on average once the grace is over,
    /// or in any later stretch as long as the grace. The average alone would let a client that sent
    /// a megabyte at once hold it for a quarter of an hour.
    private func isSlow(_ line: Line, age: Int, _ now: Int) -> Bool {
        let grace = settings.bodyGraceSeconds
        guard age > grace * Self.ticksPerSecond else { return false }
        let bytes = line.bodyBytes.load(ordering: .relaxed)
        if bytes < (age / Self.ticksPerSecond - grace) * 1024 { return true }
        let stretch = now - line.paceTick.load(ordering: .relaxed)
        guard stretch >= grace * Self.ticksPerSecond else { return false }
        let gained = bytes - line.paceBytes.load(ordering: .relaxed)
        line.paceTick.store(now, ordering: .relaxed)
        line.paceBytes.store(bytes, ordering: .relaxed)
        return gained < grace * 1024
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
            if isSlow(line, age: age, now) { line.cut() }
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
