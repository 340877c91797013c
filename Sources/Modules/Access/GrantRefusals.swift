// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Every "no" about roles, grants and views.
package enum GrantRefusal: Refusal, Equatable {
    case roleUnknown
    case roleNameTaken(name: String)
    /// It came with the house; a copy can be changed.
    case roleShipped
    case roleRetired
    case roleInUse(holders: Int64)
    /// Somebody holds it, and it would become one that needs a second person.
    case roleSensitiveInUse
    /// It would give what its maker does not hold.
    case roleBeyondYou(permission: String)
    case roleTooMany(most: Int64)
    case permissionUnknown(name: String)
    case limitUnknown(name: String)
    case grantUnknown
    /// It would give what the giver does not hold in those rows.
    case grantBeyondYou(permission: String)
    /// Nobody gives, confirms or widens their own rights.
    case grantOwn
    /// The second person must be another than the first.
    case grantSamePerson
    /// Whoever gave it could not give it any more.
    case grantGiverGone
    /// The person would hold what should be in two hands.
    case grantConflicts(names: [String])
    case grantPeriod
    case grantRows(dimension: String)
    case grantTooMany(most: Int64)
    case grantNotLendable
    /// The account may do more than whoever wants to act on it.
    case userBeyondYou
    case viewOwn
    case viewNone

    package static let catalogue: [RefusalCode] = [
        RefusalCode("role.unknown", .notFound),
        RefusalCode("role.name_taken", .conflict),
        RefusalCode("role.shipped", .conflict),
        RefusalCode("role.retired", .conflict),
        RefusalCode("role.in_use", .conflict),
        RefusalCode("role.sensitive_in_use", .conflict),
        RefusalCode("role.beyond_you", .forbidden),
        RefusalCode("role.too_many", .conflict),
        RefusalCode("role.permission_unknown", .invalid),
        RefusalCode("role.limit_unknown", .invalid),
        RefusalCode("grant.unknown", .notFound),
        RefusalCode("grant.beyond_you", .forbidden),
        RefusalCode("grant.own", .forbidden),
        RefusalCode("grant.same_person", .forbidden),
        RefusalCode("grant.giver_gone", .conflict),
        RefusalCode("grant.conflicts", .warning),
        RefusalCode("grant.period", .invalid),
        RefusalCode("grant.rows", .invalid),
        RefusalCode("grant.too_many", .conflict),
        RefusalCode("grant.not_lendable", .conflict),
        RefusalCode("user.beyond_you", .forbidden),
        RefusalCode("view.own", .conflict),
        RefusalCode("view.none", .conflict),
    ]

    package var code: String {
        switch self {
        case .roleUnknown: "role.unknown"
        case .roleNameTaken: "role.name_taken"
        case .roleShipped: "role.shipped"
        case .roleRetired: "role.retired"
        case .roleInUse: "role.in_use"
        case .roleSensitiveInUse: "role.sensitive_in_use"
        case .roleBeyondYou: "role.beyond_you"
        case .roleTooMany: "role.too_many"
        case .permissionUnknown: "role.permission_unknown"
        case .limitUnknown: "role.limit_unknown"
        case .grantUnknown: "grant.unknown"
        case .grantBeyondYou: "grant.beyond_you"
        case .grantOwn: "grant.own"
        case .grantSamePerson: "grant.same_person"
        case .grantGiverGone: "grant.giver_gone"
        case .grantConflicts: "grant.conflicts"
        case .grantPeriod: "grant.period"
        case .grantRows: "grant.rows"
        case .grantTooMany: "grant.too_many"
        case .grantNotLendable: "grant.not_lendable"
        case .userBeyondYou: "user.beyond_you"
        case .viewOwn: "view.own"
        case .viewNone: "view.none"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .roleNameTaken(let name), .permissionUnknown(let name), .limitUnknown(let name):
            ["name": .text(name)]
        case .roleInUse(let holders): ["holders": .integer(holders)]
        case .roleBeyondYou(let permission), .grantBeyondYou(let permission):
            ["permission": .text(permission)]
        case .roleTooMany(let most), .grantTooMany(let most): ["most": .integer(most)]
        case .grantConflicts(let names): ["conflicts": .list(names.map { .text($0) })]
        case .grantRows(let dimension): ["dimension": .text(dimension)]
        default: [:]
        }
    }

    package var pointers: [Pointer] {
        switch self {
        case .roleNameTaken: [Pointer(path: "/name", code: code)]
        case .permissionUnknown: [Pointer(path: "/permissions", code: code)]
        case .limitUnknown: [Pointer(path: "/limits", code: code)]
        case .grantConflicts: [Pointer(path: "/acceptConflicts", code: code)]
        case .grantPeriod: [Pointer(path: "/until", code: code)]
        case .grantRows: [Pointer(path: "/reads", code: code)]
        default: []
        }
    }
}
