// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What kind of thing happened, in the past tense: `stock.moved`.
///
/// A kind belongs to the room that tells it. `needs` is the permission without which nobody sees
/// such an event, on the journal screen as little as in the live stream.
package struct EventKind: Hashable, Sendable {
    package let name: String
    package let needs: Permission
    /// The dimension of the rows that it is about. Its values stand in the fact of that name, as one
    /// id text or a list of them, and a reader who is narrowed sees the event when one is in sight.
    /// Nil hides the event from narrowed readers when what it needs has rows.
    package let rows: Dimension?
    /// Whether most entries of a busy journal are of this kind. Such entries are not in the index
    /// of kinds, which makes each of them cheaper: a walk through all entries finds them as well.
    package let isFrequent: Bool

    /// Whether it tells that somebody was refused.
    package let isRefusal: Bool

    /// Facts that hold the name of a person, which is left out for whoever may not read names.
    package let names: Set<String>

    package init(
        _ name: String, needs: Permission, rows: Dimension? = nil, isFrequent: Bool = false,
        isRefusal: Bool = false, names: Set<String> = []
    ) {
        self.names = names
        self.rows = rows
        self.name = name
        self.needs = needs
        self.isRefusal = isRefusal
        self.isFrequent = isFrequent
    }
}
