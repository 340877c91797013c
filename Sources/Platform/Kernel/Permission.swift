// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The right to do one kind of thing, as `noun.verb`: `stock.adjust`. Also called a capability.
///
/// Two permissions of one code are the same permission, whatever else is said of them.
package struct Permission: Hashable, Sendable, CustomStringConvertible {
    /// What a grant that is narrowed to some rows means for the permission.
    package enum Reach: String, Hashable, Sendable, CaseIterable {
        /// Its rows lie in dimensions, and the functions behind it take a `Scope`.
        case rows
        /// It has no rows of any dimension, such as the catalogue: a narrowed grant gives it whole.
        case free
        /// It reaches over all rows, such as the journal: a narrowed grant does not give it.
        case whole
    }

    package let code: String
    package let reach: Reach
    /// Whether it only lets somebody look; grants are narrowed for reading and writing apart.
    package let isReading: Bool

    /// - Parameter reach: `whole` unless it is said otherwise, so that a permission nobody thought
    ///   about is not given by a narrowed grant.
    package init(_ code: String, _ reach: Reach = .whole, isReading: Bool = false) {
        self.code = code
        self.reach = reach
        self.isReading = isReading
    }

    package var description: String { code }

    package static func == (a: Permission, b: Permission) -> Bool { a.code == b.code }

    package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
