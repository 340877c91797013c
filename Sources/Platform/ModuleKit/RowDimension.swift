// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import SealedStore

/// A dimension as its room brings it: which values there are, and what a value in a grant means.
package struct RowDimension: Sendable {
    /// A value that a grant may be narrowed to.
    package struct Value: Sendable, Equatable {
        package let id: Int64
        package let code: String
        package let name: String

        package init(id: Int64, code: String, name: String) {
            self.id = id
            self.code = code
            self.name = name
        }
    }

    package let dimension: Dimension
    /// The prefix of the values' ids on the wire: `whs`.
    package let prefix: String
    /// Values in the order of their ids after one, at most `limit`.
    package let values: @Sendable (ReadTransaction, _ after: Int64, _ limit: Int) throws -> [Value]
    /// What the values of a grant reach: themselves, unless the dimension is a tree whose branches
    /// come along, or says "one's own" of the user who holds the grant.
    package let reached: @Sendable (ReadTransaction, Set<Int64>, _ user: Int64) throws -> Set<Int64>

    package init(
        _ dimension: Dimension, prefix: String,
        values: @escaping @Sendable (ReadTransaction, Int64, Int) throws -> [Value],
        reached: @escaping @Sendable (ReadTransaction, Set<Int64>, Int64) throws -> Set<Int64> = {
            _, ids, _ in ids
        }
    ) {
        self.dimension = dimension
        self.prefix = prefix
        self.values = values
        self.reached = reached
    }
}
