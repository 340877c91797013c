// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// From where something was asked: it goes with the caller into the journal.
package struct Origin: Hashable, Sendable {
    /// Address of the other end, "192.168.1.20"; "local" for the box's own socket, empty for what
    /// the box does by itself.
    package let address: String
    /// What was shown to come in: `session`, `device`, `token`, `socket`, `none`; `job` or
    /// `listener` for what the box does by itself.
    package let credential: String
    /// What was asked: "POST /api/v1/scans" with names in the place of values, or a job's name.
    package let route: String

    package init(address: String, credential: String, route: String) {
        self.address = address
        self.credential = credential
        self.route = route
    }

    /// A job or listener of the box.
    package static func own(_ credential: String, _ name: String) -> Origin {
        Origin(address: "", credential: credential, route: name)
    }
}

extension Caller {
    /// What the caller came in with.
    package var credential: String {
        switch actor {
        case .user: session == nil ? "token" : "session"
        case .device: "device"
        case .system: "socket"
        case .guest: "none"
        }
    }

    /// The same caller, asking from there.
    package func from(_ origin: Origin) -> Caller {
        var caller = self
        caller.origin = origin
        return caller
    }
}
