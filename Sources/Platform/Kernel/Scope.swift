// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A way in which rows belong to somebody: by warehouse, by territory, by customer.
///
/// Rooms bring their dimensions; nothing else needs to change when one is added.
package struct Dimension: Hashable, Sendable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) { self.name = name }

    package var description: String { name }

    /// The one that devices are narrowed by, too.
    package static let warehouse = Dimension("warehouse")
}

/// Rows that lie within all of some bounds. A dimension that is not named does not bound.
package struct Bounds: Hashable, Sendable {
    package let values: [Dimension: Set<Int64>]

    package init(_ values: [Dimension: Set<Int64>] = [:]) { self.values = values }

    package static let none = Bounds()

    /// Whether a row lies within; a dimension that the row does not have does not hide it.
    package func allows(_ row: [Dimension: Int64]) -> Bool {
        values.allSatisfy { dimension, ids in row[dimension].map(ids.contains) ?? true }
    }

    /// Whether every row within `other` lies within these bounds, too.
    package func covers(_ other: Bounds) -> Bool {
        values.allSatisfy { dimension, ids in
            other.values[dimension].map { $0.isSubset(of: ids) } ?? false
        }
    }

    /// The rows that lie within both.
    package func intersection(_ other: Bounds) -> Bounds {
        Bounds(values.merging(other.values) { $0.intersection($1) })
    }
}

/// Which rows a caller may see, apart from what it may do with them: those within any of its
/// alternatives. One grant is one alternative, so two grants never mix into a third.
package struct Scope: Hashable, Sendable {
    package let alternatives: Set<Bounds>

    package init(_ alternatives: some Sequence<Bounds>) {
        let given = Set(alternatives)
        self.alternatives = given.contains(.none) ? [.none] : given
    }

    package static let everything = Scope([Bounds.none])
    package static let nothing = Scope([Bounds]())

    /// Only what lies in these warehouses.
    package static func warehouses(_ ids: Set<Int64>) -> Scope {
        Scope([Bounds([.warehouse: ids])])
    }

    /// The values that rows of this one dimension may have; nil when all.
    ///
    /// Exact for rows that have no other dimension. A room whose rows have several asks for the
    /// alternatives one by one.
    package func values(of dimension: Dimension) -> Set<Int64>? {
        var values: Set<Int64> = []
        for bounds in alternatives {
            guard let some = bounds.values[dimension] else { return nil }
            values.formUnion(some)
        }
        return values
    }

    package func allows(_ row: [Dimension: Int64]) -> Bool {
        alternatives.contains { $0.allows(row) }
    }

    package func allows(warehouse: Int64) -> Bool { allows([.warehouse: warehouse]) }
}
