// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// A person who signs in.
package struct User: IDNoun, Sendable, Equatable {
    package static let prefix = "usr"

    package let id: ID<User>
    package let name: String
    package let role: Role
    package let state: UserState
    package let language: Language
    package let createdAt: Instant
    package let lastSignInAt: Instant?
    /// Counts the edits, for ETags.
    package let edition: Int64
}

package enum UserState: String, Sendable, CaseIterable {
    case active, suspended
}

/// What a person may do, as a bundle with a name.
package enum Role: String, Sendable, CaseIterable {
    case administrator, warehouse, viewer
}

/// A scanner or terminal that signs its requests with a token and can only scan.
package struct Device: IDNoun, Sendable, Equatable {
    package static let prefix = "dev"

    package let id: ID<Device>
    package let name: String
    /// The warehouse beyond which the device sees nothing; nil sees all.
    package let warehouse: Int64?
    package let state: DeviceState
    package let createdAt: Instant
    package let lastSeenAt: Instant?
}

package enum DeviceState: String, Sendable, CaseIterable {
    case active, revoked
}

/// A signed-in browser. The token itself is never kept, only its digest.
struct Session: IDNoun, Sendable, Equatable {
    static let prefix = "ses"

    let id: ID<Session>
    let user: ID<User>
    let createdAt: Instant
    let seenAt: Instant
}

/// Tries to sign in to one account or from one address, for throttling.
struct Throttle: Sendable, Equatable {
    /// Failures in a row.
    let failures: Int64
    /// Nobody may try before.
    let until: Instant
}
