// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import Kernel
import Web

/// One kept-alive connection to the daemon. Not for two threads at once.
final class Line {
    enum Place: Sendable {
        case port(UInt16)
        case socket(String)
    }

    /// The other end is gone, or says nothing for too long.
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    struct Reply {
        let status: Int
        let headers: [(name: String, value: String)]
        let body: [UInt8]

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name }?.value
        }
        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSON { (try? JSON(reading: body)) ?? .null }
        var code: String? { json["code"]?.text }
    }

    private let descriptor: Int32
    private let host: String
    private var buffer: [UInt8] = []
    /// Sent with every request: who asks.
    var credentials: [(String, String)] = []

    /// - Parameter name: the Host field; by default what was connected to.
    init(_ place: Place, seconds: Int = 30, host name: String? = nil) throws {
        let outcome: Int32
        switch place {
        case .port(let port):
            host = name ?? "127.0.0.1:\(port)"
            descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            outcome = Self.join(descriptor, &address)
        case .socket(let path):
            host = "localhost"
            descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            outcome = Self.join(descriptor, &address)
        }
        guard outcome == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw Broken(description: "connect: \(reason)")
        }
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
    }

    deinit { Glibc.close(descriptor) }

    private static func join<Address>(_ descriptor: Int32, _ address: inout Address) -> Int32 {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    /// Sends a request and reads the whole answer.
    func ask(
        _ method: String, _ target: String, json: String? = nil, headers: [(String, String)] = [],
        key: String = UUID().uuidString
    ) throws -> Reply {
        try send(method, target, json: json, headers: headers, key: key)
        let (status, fields) = try readHead()
        let length = fields.first { $0.name.lowercased() == "content-length" }.flatMap {
            Int($0.value)
        }
        let body = try read(count: length ?? 0)
        return Reply(status: status, headers: fields, body: body)
    }

    func send(
        _ method: String, _ target: String, json: String? = nil,
        headers: [(String, String)] = [], key: String = UUID().uuidString
    ) throws {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n"
        if method != "GET" {
            head += "Idempotency-Key: \(key)\r\nOrigin: http://\(host)\r\n"
            head += "Content-Length: \(json?.utf8.count ?? 0)\r\n"
            if json != nil { head += "Content-Type: application/json\r\n" }
        }
        for (name, value) in credentials + headers { head += "\(name): \(value)\r\n" }
        let bytes = Array((head + "\r\n" + (json ?? "")).utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Broken(description: "send: \(errno)") }
            sent += count
        }
    }

    func readHead() throws -> (Int, [(name: String, value: String)]) {
        let first = try readLine()
        guard let status = first.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { throw Broken(description: "no status line: \(first)") }
        var fields: [(name: String, value: String)] = []
        while true {
            let line = try readLine()
            guard !line.isEmpty else { return (status, fields) }
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields.append((String(line[..<colon]), String(value)))
        }
    }

    /// A line without its end.
    func readLine() throws -> String {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[..<end].filter { $0 != UInt8(ascii: "\r") }
                buffer.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            try fill()
        }
    }

    private func read(count: Int) throws -> [UInt8] {
        while buffer.count < count { try fill() }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    private func fill() throws {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else {
            throw Broken(description: count == 0 ? "closed" : "receive: \(errno)")
        }
        buffer.append(contentsOf: chunk[..<count])
    }
}
