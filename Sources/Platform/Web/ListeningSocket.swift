// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CMicroHTTPD
import Foundation
import Glibc

/// A socket that listens, and the file to remove when it does not any more.
struct ListeningSocket: Sendable {
    let descriptor: Int32
    let port: UInt16
    private let path: String?

    /// Binds and listens; throws `MicroHTTPServer.Failure`.
    init(_ place: ListenPlace) throws {
        switch place {
        case .socket(let given):
            descriptor = given
            path = nil
            _ = fcntl(given, F_SETFL, fcntl(given, F_GETFL) | O_NONBLOCK)
        case .address(let host, let wanted):
            descriptor = try Self.listen(host: host, port: wanted)
            path = nil
        case .path(let file, let mode):
            descriptor = try Self.listen(path: file, mode: mode)
            path = file
        }
        port = Self.port(of: descriptor)
    }

    func close() {
        _ = Glibc.close(descriptor)
        if let path { unlink(path) }
    }

    private static func failure(_ call: String) -> MicroHTTPServer.Failure {
        .socket(call: call, number: errno)
    }

    private static func listen(host: String, port: UInt16) throws -> Int32 {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else {
            throw MicroHTTPServer.Failure.addressUnreadable(host)
        }
        defer { freeaddrinfo(found) }
        let address = found.pointee
        let descriptor = try open(family: address.ai_family)
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        // Accepted sockets inherit this; an answer must not wait for the client's next segment.
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        try listen(descriptor, address.ai_addr, address.ai_addrlen)
        return descriptor
    }

    private static func listen(path: String, mode: UInt32) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw MicroHTTPServer.Failure.addressUnreadable(path)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        try removeStaleSocket(path)
        let descriptor = try open(family: AF_UNIX)
        // Nobody may connect between bind and chmod.
        let before = umask(0o777 & ~mode)
        defer { umask(before) }
        try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try listen(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return descriptor
    }

    /// A socket file is left behind by a crash; anything else at that path is not ours to remove.
    private static func removeStaleSocket(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK, unlink(path) == 0 else {
            throw MicroHTTPServer.Failure.socket(call: "unlink", number: EEXIST)
        }
    }

    private static func open(family: Int32) throws -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(family, kind, 0)
        guard descriptor >= 0 else { throw failure("socket") }
        return descriptor
    }

    private static func listen(
        _ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t
    ) throws {
        if bind(descriptor, address, size) != 0 {
            let reason = failure("bind")
            _ = Glibc.close(descriptor)
            throw reason
        }
        if Glibc.listen(descriptor, 512) != 0 {
            let reason = failure("listen")
            _ = Glibc.close(descriptor)
            throw reason
        }
    }

    private static func port(of descriptor: Int32) -> UInt16 {
        var address = AddressBuffer()
        guard address.fill({ getsockname(descriptor, $0, $1) == 0 }), address.isInternet else {
            return 0
        }
        return address.port
    }
}

/// Room for an address of any family.
///
/// The C type for this (`sockaddr_storage`) is found by Swift in whichever C module was built
/// first, so its fields cannot be relied on; the few bytes needed are read by their place.
struct AddressBuffer {
    private var words = [UInt64](repeating: 0, count: 16)

    /// Lets a C function write an address; its size argument is the room there is.
    mutating func fill(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Bool
    ) -> Bool {
        var size = socklen_t(words.count * 8)
        return words.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            return body(start.assumingMemoryBound(to: sockaddr.self), &size)
        }
    }

    /// The address that a C function writes, in numbers; nil when it fails.
    mutating func text(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Bool
    ) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let found = fill { address, size in
            body(address, size)
                && getnameinfo(
                    address, size.pointee, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
                    == 0
        }
        guard found else { return nil }
        let end = text.firstIndex(of: 0) ?? text.endIndex
        return String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    var isInternet: Bool {
        let family = words.withUnsafeBytes { Int32($0.load(as: UInt16.self)) }
        return family == AF_INET || family == AF_INET6
    }

    /// Both kinds of internet address keep the port in the third and fourth byte.
    var port: UInt16 { words.withUnsafeBytes { UInt16($0[2]) << 8 | UInt16($0[3]) } }
}

/// The other end of a connection.
struct Peer {
    let address: String
    /// The address of this end, in the spelling of `HostField.address`; empty for a Unix socket.
    let own: String
    /// Only of a Unix socket.
    let user: UInt32?

    init(of socket: Int32) {
        var buffer = AddressBuffer()
        let text = buffer.text { getpeername(socket, $0, $1) == 0 }
        guard buffer.isInternet else {
            address = "local"
            own = ""
            user = Self.user(of: socket)
            return
        }
        address = text ?? "unknown"
        var here = AddressBuffer()
        let plain = here.text { getsockname(socket, $0, $1) == 0 }
        own = plain.flatMap { HostField.address($0) } ?? ""
        user = nil
    }

    /// SO_PEERCRED gives process, user and group of the process that connected (unix(7)).
    private static func user(of socket: Int32) -> UInt32? {
        var credentials: (process: Int32, user: UInt32, group: UInt32) = (0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0,
            credentials.process > 0
        else { return nil }
        return credentials.user
    }
}
