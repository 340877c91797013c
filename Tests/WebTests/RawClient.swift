// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc

/// One connection, spoken to in bytes: the tests of the guard must send what no library would.
final class RawClient {
    struct Answer {
        var status: Int
        var headers: [(name: String, value: String)]
        var body: [UInt8]

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    let descriptor: Int32
    private var buffer: [UInt8] = []

    /// Connects to a port of the loopback; reads give up after `seconds`.
    init(port: UInt16, seconds: Int = 20) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 else { throw Broken(description: "connect: \(errno)") }
        limit(seconds)
    }

    /// Connects to a Unix socket.
    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard outcome == 0 else { throw Broken(description: "connect: \(errno)") }
        limit(20)
    }

    private func limit(_ seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
    }

    deinit { close(descriptor) }

    func send(_ text: String) { _ = send(Array(text.utf8)) }

    /// Bytes the system took; fewer than given when the other end is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Int {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    /// Reads more; false at the end of the connection, throws when nothing came in time.
    func fill() throws -> Bool {
        var piece = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) {
            throw Broken(description: "nothing came in time")
        }
        guard count > 0 else { return false }
        buffer += piece[..<count]
        return true
    }

    /// Whether the other end has closed (or reset) without a word more.
    func isClosed() throws -> Bool {
        guard buffer.isEmpty else { return false }
        return try !fill()
    }

    /// What else comes until the other end closes.
    func rest() throws -> String {
        while try fill() {}
        defer { buffer = [] }
        return String(decoding: buffer, as: UTF8.self)
    }

    /// Takes bytes up to and with the mark.
    func take(through mark: String) throws -> String {
        let mark = Array(mark.utf8)
        while true {
            if let range = buffer.firstRange(of: mark) {
                let text = String(decoding: buffer[..<range.upperBound], as: UTF8.self)
                buffer.removeFirst(range.upperBound)
                return text
            }
            guard try fill() else { throw Broken(description: "closed before \(mark)") }
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while buffer.count < count {
            guard try fill() else { throw Broken(description: "closed in the body") }
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    /// Reads the head of an answer.
    func head() throws -> Answer {
        let lines = try take(through: "\r\n\r\n").components(separatedBy: "\r\n")
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return (String(line[..<colon]), String(value))
        }
        return Answer(status: status, headers: headers, body: [])
    }

    /// Reads one whole answer. A HEAD answer has no body whatever its head says.
    func answer(toHead: Bool = false) throws -> Answer {
        var answer = try head()
        if toHead || answer.status == 304 || answer.status == 204 { return answer }
        if answer.header("transfer-encoding") == "chunked" {
            while true {
                let size = try take(through: "\r\n").dropLast(1)
                let count = Int(size.filter { !$0.isWhitespace }, radix: 16) ?? 0
                answer.body += try take(count)
                _ = try take(through: "\r\n")
                if count == 0 { return answer }
            }
        }
        answer.body = try take(Int(answer.header("content-length") ?? "0") ?? 0)
        return answer
    }

    /// Sends a request and reads its answer.
    func ask(
        _ method: String, _ target: String, headers: [String] = [], body: [UInt8] = []
    ) throws -> Answer {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + headers
        if !body.isEmpty { lines.append("Content-Length: \(body.count)") }
        send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
        return try answer(toHead: method == "HEAD")
    }
}
