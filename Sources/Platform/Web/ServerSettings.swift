// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// Where a server listens.
package enum ListenPlace: Sendable {
    /// An address and port; port 0 takes a free one. IPv6 addresses without brackets.
    case address(String, port: UInt16)
    /// A socket that already listens, for example from systemd. It is closed at stop.
    case socket(Int32)
    /// A Unix socket at that path, made with mode 0600 (or `mode`) and removed at stop.
    case path(String, mode: UInt32 = 0o600)
}

/// What a server needs to know before it starts. Times are in seconds.
package struct ServerSettings: Sendable {
    package var place: ListenPlace
    /// Names the Host field may hold beside the address that the client has connected to, without
    /// port, lower case, IPv6 addresses in brackets; nil accepts every name. Set it where browsers
    /// come in: it stops another site's name from being pointed at this address.
    package var hosts: Set<String>?
    /// Threads that run connections. Each takes at most `connectionsPerWorkerMax`.
    package var workers = Limit.workers
    /// libmicrohttpd 0.9.75 stalls when exactly 128 events are ready at once in one worker; with
    /// at most 120 connections each that cannot happen. Do not raise it.
    package static let connectionsPerWorkerMax = Limit.connectionsPerWorker
    package var connectionsPerAddressMax = 64
    package var headerFieldsMax = Limit.requestHeaders
    package var headerBytesMax = Limit.headerBytes
    /// From the connection, or the request line, to the end of the header.
    package var headerSeconds = 10
    /// A kept connection on which nothing is asked.
    package var idleSeconds = 60
    /// A connection on which nothing is asked gives way to others after this time, when its address
    /// or the server has no place left. Others that are slow give way sooner (`ConnectionTable`).
    package var yieldSeconds = 1
    /// After this time a body must come with at least 1 KiB a second.
    package var bodyGraceSeconds = 10
    /// A connection that takes longer to read its answer is closed.
    package var sendSeconds = 120
    /// A request answered by another thread gets 503 after this time.
    package var answerSeconds = 30
    /// How long a stop waits for requests under way.
    package var drainSeconds = 10
    /// Bytes of larger bodies held at once over all connections; beyond it a request gets 503.
    package var bodyBytesMax = 96 * 1024 * 1024
    /// What is shown over TLS; nil for a server that speaks plain HTTP.
    package var tls: TLSFront?

    package init(place: ListenPlace, hosts: Set<String>? = nil) {
        self.place = place
        self.hosts = hosts
    }
}

/// How large the body of one request may be.
package struct BodyRule: Sendable, Hashable {
    package let bytesMax: Int

    /// At most that many bytes; 0 for requests without a body.
    package static func upTo(_ bytes: Int) -> BodyRule { BodyRule(bytesMax: bytes) }
}

/// Answers requests. Called on a connection thread: it must not wait for anything. Work that
/// waits goes to another thread together with `reply`.
package protocol RequestHandler: Sendable {
    /// Called before the body is read; a larger body is refused with 413.
    func bodyLimit(for head: RequestHead) -> BodyRule
    /// The methods that a path has, for the answer to a method that no path has; empty for paths
    /// that are not there.
    func methods(at segments: [String]) -> [Method]
    /// Called with the whole body. The answer is sent through `reply`, now or later, from any
    /// thread.
    func handle(_ request: Request, _ reply: Reply)
}

extension RequestHandler {
    package func methods(at segments: [String]) -> [Method] { [] }
}
