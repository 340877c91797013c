// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Where the journal is handed on to, entry by entry, for whatever collects such lines.
package enum FeedPlan: Sendable, Equatable {
    /// A file of JSON Lines.
    case file(String)
    /// The system's log, by RFC 5424 over its local socket.
    case syslog(String)

    package static let syslogSocket = "/dev/log"

    /// `file:/PATH`, `syslog` or `syslog:/SOCKET`; nil for anything else.
    package init?(_ text: String) {
        if text == "syslog" {
            self = .syslog(Self.syslogSocket)
        } else if text.hasPrefix("file:/") {
            self = .file(String(text.dropFirst("file:".count)))
        } else if text.hasPrefix("syslog:/") {
            self = .syslog(String(text.dropFirst("syslog:".count)))
        } else {
            return nil
        }
    }

    /// Under which the journal remembers how far it was handed on.
    var cursor: String {
        switch self {
        case .file: "feed.file"
        case .syslog: "feed.syslog"
        }
    }
}
