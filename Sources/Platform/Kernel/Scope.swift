// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Which rows a caller may see, apart from what it may do with them.
package enum Scope: Hashable, Sendable {
    case everything
    /// Only what lies in these warehouses.
    case warehouses(Set<Int64>)

    /// What this scope and a narrower one have in common; nil narrows nothing.
    package func narrowed(to warehouses: Set<Int64>?) -> Scope {
        guard let warehouses else { return self }
        return .warehouses(warehouses.filter { allows(warehouse: $0) })
    }

    package func allows(warehouse: Int64) -> Bool {
        switch self {
        case .everything: true
        case .warehouses(let allowed): allowed.contains(warehouse)
        }
    }
}
