// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// One event as it stands in the journal.
package struct JournalEntry: Sendable, Equatable {
    /// Place in the chain, from 1 without gaps.
    package let seq: Int64
    package let at: Instant
    package let kind: String
    /// Who did it: `usr-1`, `dev-3`, `system:timer`.
    package let actor: String
    /// The name that the actor had at the time.
    package let actorName: String
    /// What it is about: `mov-17`.
    package let subject: String
    /// Canonical JSON of the facts.
    package let facts: String
    /// From where it was asked; nil when nobody asked, and of entries from before it was kept.
    package var origin: Origin?
    /// BLAKE2b of the entry before and of this one, with the chain's key.
    package let hash: [UInt8]
}

/// What the journal screen asks for; nil asks for everything.
package struct JournalFilter: Sendable {
    package var kind: String?
    package var actor: String?
    package var subject: String?
    package var since: Instant?
    package var until: Instant?
    /// Where it was asked from.
    package var address: String?
    /// Only what tells a refusal, or only what does not.
    package var isRefusal: Bool?

    package init(
        kind: String? = nil, actor: String? = nil, subject: String? = nil,
        since: Instant? = nil, until: Instant? = nil, address: String? = nil,
        isRefusal: Bool? = nil
    ) {
        self.address = address
        self.isRefusal = isRefusal
        self.kind = kind
        self.actor = actor
        self.subject = subject
        self.since = since
        self.until = until
    }
}
