// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Journal
package import SealedStore

/// A room that acts on what a room below has told.
///
/// Each entry is heard in a transaction of its own, together with the move of the cursor: after a
/// crash it is heard again only when nothing of the hearing was kept. A listener must still be
/// idempotent, because what it did may have been told, and undone, by people since.
package struct Listener: Sendable {
    package let name: String
    package let kinds: [EventKind]
    package let hear: @Sendable (JournalEntry, WriteTransaction) throws -> Void

    package init(
        _ name: String, to kinds: [EventKind],
        hear: @escaping @Sendable (JournalEntry, WriteTransaction) throws -> Void
    ) {
        self.name = name
        self.kinds = kinds
        self.hear = hear
    }
}
