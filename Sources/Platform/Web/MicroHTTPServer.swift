// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CMicroHTTPD
import Foundation
import Glibc
import Synchronization

/// A server on libmicrohttpd (0.9.75): few threads, many connections, none of which waits.
///
/// A request is answered on its connection's thread, or its connection sleeps until another thread
/// answers. Stopping follows the one order that libmicrohttpd survives: no new connections, close
/// the streams, wait for requests under way, stop. It aborts the process when it is stopped with a
/// suspended connection.
package final class MicroHTTPServer: Sendable {
    /// Why a server could not start.
    package enum Failure: Error, Equatable {
        /// A socket call failed; `number` is errno.
        case socket(call: String, number: Int32)
        case addressUnreadable(String)
        /// libmicrohttpd refused to start; the log has its reason.
        case daemon
    }

    private struct Running: @unchecked Sendable {
        // Unchecked: whoever takes this out of its mutex is the only one to stop the daemons.
        let daemons: [OpaquePointer]
        let acceptor: Acceptor
        let socket: ListeningSocket
        let ended: DispatchSemaphore
    }

    /// The port in use; 0 for a Unix socket.
    package let port: UInt16
    private let core: ServerCore
    private let streams: EventHub?
    private let running: Mutex<Running?>

    /// Starts to listen and to answer.
    ///
    /// - Parameters:
    ///   - streams: the hub whose streams this server carries; it gets its heartbeat here and its
    ///     streams are closed at stop.
    ///   - note: takes libmicrohttpd's own remarks, at most ten in ten seconds.
    package init(
        settings: ServerSettings, handler: any RequestHandler, problems: ProblemWriter,
        streams: EventHub? = nil, note: @escaping @Sendable (String) -> Void
    ) throws {
        // A client that leaves while it is being written to must not end the process.
        signal(SIGPIPE, SIG_IGN)
        let core = ServerCore(
            settings: settings, handler: handler, problems: problems, note: note)
        let socket = try ListeningSocket(settings.place)
        var daemons: [OpaquePointer] = []
        let acceptor: Acceptor
        do {
            for _ in 0..<settings.workers {
                guard let daemon = startDaemon(core: core) else { throw Failure.daemon }
                daemons.append(daemon)
            }
            acceptor = try Acceptor(daemons: daemons, socket: socket.descriptor, core: core)
        } catch {
            for daemon in daemons { MHD_stop_daemon(daemon) }
            socket.close()
            throw error
        }
        let ended = DispatchSemaphore(value: 0)
        self.core = core
        self.streams = streams
        port = socket.port
        running = Mutex(
            Running(daemons: daemons, acceptor: acceptor, socket: socket, ended: ended))
        let thread = Thread {
            while ended.wait(timeout: .now() + .milliseconds(1000 / ConnectionTable.ticksPerSecond))
                == .timedOut
            {
                core.table.beat()
                streams?.beat()
            }
        }
        thread.name = "web-reaper"
        thread.start()
    }

    /// Open connections.
    package var connections: Int { core.table.count }

    /// Requests whose memory is held.
    package var exchanges: Int { core.exchanges.load(ordering: .relaxed) }

    var isStopping: Bool { core.isStopping.load(ordering: .sequentiallyConsistent) }

    /// Bytes of large bodies held now.
    var bodyBytes: Int { core.bodyBytes.load(ordering: .relaxed) }

    /// Stops: takes no new connections, closes event streams, lets requests under way finish for
    /// at most `drainSeconds`, then ends every connection. Blocks; a second call does nothing.
    package func stop() {
        guard
            let running = self.running.withLock({ running in
                defer { running = nil }
                return running
            })
        else { return }
        core.isStopping.store(true, ordering: .sequentiallyConsistent)
        running.acceptor.stop()
        streams?.shut()
        if !drain(seconds: core.settings.drainSeconds) {
            // Whoever still works on these will find that nobody listens.
            for exchange in core.table.waiting() { exchange.expire(WebRefusal.stopping) }
            streams?.closeAll()
            _ = drain(seconds: 2)
        }
        // libmicrohttpd aborts the process when a connection is still suspended here.
        for exchange in core.table.waiting() { exchange.expire(WebRefusal.stopping) }
        for daemon in running.daemons { MHD_stop_daemon(daemon) }
        running.ended.signal()
        running.socket.close()
    }

    deinit { stop() }

    private func drain(seconds: Int) -> Bool {
        for _ in 0..<(seconds * 200) {
            if core.underWay.load(ordering: .sequentiallyConsistent) == 0 { return true }
            usleep(5000)
        }
        return core.underWay.load(ordering: .sequentiallyConsistent) == 0
    }
}

/// At most so many notes in so much time, then one that says how many were left out: a flood of
/// dropped connections must not fill the journal.
final class NoteLimit: Sendable {
    private struct Window {
        var start = Date.distantPast
        var count = 0
        var leftOut = 0
    }

    private let window = Mutex(Window())

    /// The note to pass on now, or nil.
    func pass(_ note: String) -> String? {
        window.withLock { window in
            var note = note
            if Date().timeIntervalSince(window.start) > 10 {
                if window.leftOut > 0 { note += " (\(window.leftOut) similar notes left out)" }
                window = Window(start: Date())
            }
            window.count += 1
            if window.count > 10 {
                window.leftOut += 1
                return nil
            }
            return note
        }
    }
}
