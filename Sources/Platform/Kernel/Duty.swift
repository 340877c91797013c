// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A field of records that not everybody who sees the record may read: a cost, a phone number, the
/// name of a person. Its room leaves it out for whoever lacks the permission, in lists, exports and
/// live events alike, and neither searches nor sorts by it for them.
package struct SensitiveField: Hashable, Sendable {
    /// `person.name`
    package let name: String

    package init(_ name: String) { self.name = name }

    /// Who did something, wherever that is told.
    package static let personName = SensitiveField("person_name")

    /// The permission to read it; roles give it like any other.
    package var permission: Permission { Permission("field.\(name)", .free, isReading: true) }
}

/// The largest amount with which somebody may act alone; beyond it somebody with a higher one must.
package struct ActionLimit: Hashable, Sendable {
    /// `adjustment.quantity`
    package let name: String
    /// The permission whose use is limited.
    package let permission: Permission
    /// What the amount counts, as a word of the language catalogues: `unit.base`.
    package let unit: String

    package init(_ name: String, of permission: Permission, unit: String) {
        self.name = name
        self.permission = permission
        self.unit = unit
    }
}

/// Two permissions that one person should not hold together (segregation of duties), because with
/// both they could do something wrong and hide it.
package struct DutyConflict: Hashable, Sendable {
    /// Names it in the language catalogues: `receive_adjust`.
    package let name: String
    package let one: Permission
    package let other: Permission

    package init(_ name: String, _ one: Permission, _ other: Permission) {
        self.name = name
        self.one = one
        self.other = other
    }
}

/// One way in which somebody holds a permission: within which rows, and up to which amounts.
package struct Allowance: Hashable, Sendable {
    package let bounds: Bounds
    /// Largest amount by the limit's name; a limit that is not named does not limit.
    package let most: [String: Int64]

    package init(bounds: Bounds = .none, most: [String: Int64] = [:]) {
        self.bounds = bounds
        self.most = most
    }

    /// The same within some bounds more.
    package func within(_ other: Bounds) -> Allowance {
        Allowance(bounds: bounds.intersection(other), most: most)
    }

    /// Whether whoever has this may give `other` to somebody else.
    package func covers(_ other: Allowance) -> Bool {
        bounds.covers(other.bounds)
            && most.allSatisfy { name, most in other.most[name].map { $0 <= most } ?? false }
    }
}
