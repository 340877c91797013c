// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// Why the daemon could not be asked.
enum ControlFailure: Error, CustomStringConvertible {
    case unreachable(path: String, reason: String)
    case broken

    var description: String {
        switch self {
        case .unreachable(let path, let reason):
            """
            The daemon does not answer at \(path): \(reason).
            Is it running? `systemctl status sluiced` tells. Another socket: --socket PATH.
            """
        case .broken:
            "The daemon closed the connection before its answer was whole. Its log tells why."
        }
    }
}

/// An answer of the daemon.
struct ControlAnswer: Sendable {
    let status: Int
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
}

/// Speaks HTTP/1.1 over the daemon's Unix socket: one request, one connection.
///
/// The daemon sees who we are by the socket's peer credentials, so there is no password here.
struct ControlClient: Sendable {
    let path: String

    /// Sends a request and waits for the whole answer.
    func send(_ method: String, _ target: String, body: String? = nil) throws -> ControlAnswer {
        let socket = try connect()
        defer { close(socket) }
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if method != "GET" {
            head += "Idempotency-Key: \(newKey())\r\nContent-Type: application/json\r\n"
            head += "Content-Length: \(body?.utf8.count ?? 0)\r\n"
        }
        try write(Array((head + "\r\n" + (body ?? "")).utf8), to: socket)
        return try parse(try readAll(from: socket))
    }

    private func connect() throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else {
            throw ControlFailure.unreachable(path: path, reason: "the path is too long")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, length)
            }
        }
        guard result == 0 else {
            let reason = String(cString: strerror(errno))
            close(socket)
            throw ControlFailure.unreachable(path: path, reason: reason)
        }
        return socket
    }

    private func write(_ bytes: [UInt8], to socket: Int32) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ControlFailure.broken }
            sent += count
        }
    }

    private func readAll(from socket: Int32) throws -> [UInt8] {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.recv(socket, &chunk, chunk.count, 0)
            guard count >= 0 else { throw ControlFailure.broken }
            if count == 0 { return all }
            all.append(contentsOf: chunk[..<count])
        }
    }

    /// Splits head and body. The daemon answers with a length and closes, so the rest is the body.
    private func parse(_ bytes: [UInt8]) throws -> ControlAnswer {
        let end = Array("\r\n\r\n".utf8)
        guard
            let split = bytes.indices.first(where: {
                bytes[$0...].starts(with: end)
            }),
            let line = String(decoding: bytes[..<split], as: UTF8.self).split(separator: "\r\n")
                .first,
            let status = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { throw ControlFailure.broken }
        return ControlAnswer(status: status, body: Array(bytes[(split + end.count)...]))
    }

    private func newKey() -> String {
        let hex = (0..<32).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
        return "sluicectl-\(hex)"
    }
}
