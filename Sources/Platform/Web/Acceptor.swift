// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CMicroHTTPD
import Foundation
import Glibc

/// Accepts connections on a thread of its own and hands them to libmicrohttpd.
///
/// libmicrohttpd could accept by itself, but its way to stop that (`MHD_quiesce_daemon`) races with
/// its own workers in 0.9.75: both take the listening socket out of the same epoll set, the second
/// fails, and the library aborts the process ("Failed to remove listen FD from epoll set", seen in
/// our tests). It would also shut down a socket that systemd gave us. Here the socket stays ours:
/// a stop ends this loop, and connections not yet accepted wait for the next process.
///
/// `@unchecked Sendable`: the daemons' pointers are used for `MHD_add_connection` only, which
/// takes calls from any thread, and not after `stop()` has returned.
final class Acceptor: @unchecked Sendable {
    private let daemons: [OpaquePointer]
    private let socket: Int32
    private let core: ServerCore
    /// A pipe: closing its second end wakes the loop and ends it.
    private let wakeUp: (read: Int32, write: Int32)
    private let ended = DispatchSemaphore(value: 0)

    init(daemons: [OpaquePointer], socket: Int32, core: ServerCore) throws {
        self.daemons = daemons
        self.socket = socket
        self.core = core
        wakeUp = try Self.pipe()
        let thread = Thread { [self] in
            run()
            ended.signal()
        }
        thread.name = "web-accept"
        thread.start()
    }

    /// Accepts nothing more. Returns when the thread has ended.
    func stop() {
        close(wakeUp.write)
        ended.wait()
        close(wakeUp.read)
    }

    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else {
            throw MicroHTTPServer.Failure.socket(call: "pipe", number: errno)
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private func run() {
        while true {
            let isFull = core.table.isFull
            var events = [
                pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0),
                pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&events, 2, isFull ? 20 : -1)
            if events[0].revents != 0 { return }
            guard ready > 0 else { continue }
            if isFull {
                // At the limit newcomers wait in the system's queue; look again soon.
                core.table.makeRoom()
                _ = poll(&events, 1, 20)
                continue
            }
            if !accept() {
                // Out of descriptors or memory: the connection stays ready, so a pause is needed.
                if let note = core.noteLimit.pass("accept failed, errno \(errno)") {
                    core.note(note)
                }
                _ = poll(&events, 1, 100)
            }
        }
    }

    /// Accepts one connection; false when the system has no room for more.
    private func accept() -> Bool {
        var address = AddressBuffer()
        var failure: Int32 = 0
        _ = address.fill { address, size in
            let connection = Glibc.accept(socket, address, size)
            failure = connection < 0 ? errno : 0
            guard connection >= 0 else { return false }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            _ = fcntl(connection, F_SETFL, fcntl(connection, F_GETFL) | O_NONBLOCK)
            hand(connection, address, size.pointee)
            return true
        }
        // Other failures mean that the client is gone again.
        return ![EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(failure)
    }

    private func hand(
        _ connection: Int32, _ address: UnsafeMutablePointer<sockaddr>, _ size: socklen_t
    ) {
        guard let line = core.table.admit(connection, Peer(of: connection)) else {
            close(connection)
            return
        }
        if MHD_add_connection(daemons[line.worker], connection, address, size) != .YES {
            // libmicrohttpd has closed the connection itself.
            core.table.remove(line)
        }
    }
}
