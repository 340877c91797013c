// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import Kernel

/// Speaks to the system's log over its local socket. Source: RFC 5424, section 6.
enum SyslogSocket {
    /// Facility 13, "log audit"; severities 5 (notice) and 4 (warning).
    private static let facility = 13
    /// Bytes of a datagram that every log takes; a longer entry is cut, and says so.
    static let datagramMost = 8192
    /// Milliseconds that a full socket is waited for.
    private static let patience: Int32 = 5000

    static func send(_ lines: [FeedLine], to path: String) throws {
        let socket = Glibc.socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw FeedFault("socket") }
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            errno = ENAMETOOLONG
            throw FeedFault("connect \(path)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, length) }
        }
        guard result == 0 else { throw FeedFault("connect \(path)") }
        var wait = timeval(tv_sec: Int(patience / 1000), tv_usec: 0)
        setsockopt(
            socket, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        for line in lines {
            let bytes = message(line)
            let sent = bytes.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent == bytes.count else { throw FeedFault("send \(path)") }
        }
    }

    /// `<PRI>1 TIME - sluiced PID KIND - JSON`. The kind is the message's id; what it holds is JSON
    /// without control characters, so no value can begin a line of its own.
    static func message(_ line: FeedLine) -> [UInt8] {
        let priority = facility * 8 + (line.isRefusal ? 4 : 5)
        let name = line.kind.prefix(32)
        let head = "<\(priority)>1 \(line.at.rfc3339) - sluiced \(getpid()) \(name) - "
        let room = datagramMost - head.utf8.count
        guard line.json.count > room else { return Array(head.utf8) + line.json }
        let mark = Array(" ...cut".utf8)
        return Array(head.utf8) + line.json.prefix(room - mark.count) + mark
    }
}
