// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// How many roles and grants there may be, and how long some of them last.
enum RoleRule {
    /// Roles made here; a matrix with more columns helps nobody.
    static let most = 100
}

enum GrantRule {
    /// Grants of a person that are not ended.
    static let most: Int64 = 50
    /// A loan lasts no longer than this.
    static let loanSeconds: Int64 = 90 * 86_400
    /// People who are named to somebody who lacks a right.
    static let helpersMost = 3
    /// Looking through another's eyes ends by itself.
    static let viewSeconds: Int64 = 15 * 60
}

/// What a role gives within some rows, permission by permission.
///
/// A permission over all rows is not given by a grant that is narrowed on its side, one without rows
/// of any dimension is given whole.
func allowances(
    _ card: RoleCard, reads: Bounds, writes: Bounds, _ table: RoleTable
) -> [Permission: Allowance] {
    var given: [Permission: Allowance] = [:]
    for permission in table.all where card.rights.contains(permission.code) {
        let bounds = permission.isReading ? reads : writes
        let most = card.most.filter { name, _ in
            table.limits.contains { $0.name == name && $0.permission == permission }
        }
        switch permission.reach {
        case .rows: given[permission] = Allowance(bounds: bounds, most: most)
        case .free: given[permission] = Allowance(most: most)
        case .whole:
            if bounds == .none { given[permission] = Allowance(most: most) }
        }
    }
    return given
}

/// What is held both in one way and in the other: the eyes of one person within those of another.
func common(
    _ one: [Permission: [Allowance]], _ other: [Permission: [Allowance]]
) -> [Permission: [Allowance]] {
    var both: [Permission: [Allowance]] = [:]
    for (permission, held) in one {
        guard let others = other[permission] else { continue }
        both[permission] = held.flatMap { a in
            others.map { b in
                Allowance(
                    bounds: a.bounds.intersection(b.bounds),
                    most: a.most.merging(b.most) { min($0, $1) })
            }
        }
    }
    return both
}

/// Pairs of permissions that should not be in one hand and are.
func conflicts(in rights: Set<String>, _ table: RoleTable) -> [DutyConflict] {
    table.conflicts.filter {
        rights.contains($0.one.code) && rights.contains($0.other.code)
    }
}

/// Whether a role could open the house to others, so that a second person must agree.
func isSensitive(_ rights: Set<String>) -> Bool {
    !rights.isDisjoint(with: AccessPermission.needSecondPerson)
}

/// The first permission that somebody would give without holding it themselves in that way.
func missing(
    _ wanted: [Permission: Allowance], of caller: Caller
) -> Permission? {
    wanted.sorted { $0.key.code < $1.key.code }.first { !caller.holds($0.key, $0.value) }?.key
}
