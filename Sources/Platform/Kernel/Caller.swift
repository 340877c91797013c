// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Who acts.
package enum Actor: Hashable, Sendable, CustomStringConvertible {
    case user(Int64)
    case device(Int64)
    /// The box itself or somebody with root on it: `system:job`.
    case system(String)
    case guest

    package var description: String {
        switch self {
        case .user(let id): "usr-\(id)"
        case .device(let id): "dev-\(id)"
        case .system(let name): "system:\(name)"
        case .guest: "guest"
        }
    }
}

/// How far through the door somebody is whose password was right.
package enum Standing: String, Sendable, CaseIterable {
    /// Signed in with all that is asked of them.
    case full
    /// Must choose a password of their own first.
    case mustSetPassword = "must_set_password"
    /// Must set up a second factor first, because their role asks for one.
    case mustEnrol = "must_enrol"
}

/// Who asks, what they may do, and which rows they may see. Travels with every call.
package struct Caller: Sendable {
    package let actor: Actor
    package let name: String
    package let permissions: Set<Permission>
    /// How each permission is held. Empty for callers whose permissions all have the same scope.
    package let allowances: [Permission: [Allowance]]
    /// The rows that may be seen now: those of the permission under which the caller acts.
    package private(set) var scope: Scope
    package let language: Language
    /// What still stands between them and their work.
    package let standing: Standing
    /// Whether they proved within the last minutes that it is they who sit there.
    package let isFresh: Bool
    /// The id of the session that carries the request; nil for callers without one.
    package let session: Int64?
    /// Whether they look through the eyes of somebody else, and so may change nothing.
    package let isViewing: Bool
    /// Whether a program of theirs asks, by an API token: it can prove nothing and so changes nothing
    /// of how they sign in.
    package let isToken: Bool
    /// The sequence number of a signed request, which the change that it makes uses up; else nil.
    package let sequence: Int64?
    /// From where this request comes; nil for what no request asked for.
    package var origin: Origin?
    /// How often rights had been taken from anybody when the caller was looked up; nil for callers
    /// whose change needs no second look.
    package var lookedUpAt: Int64?

    /// - Parameters:
    ///   - scope: of all permissions that `allowances` does not name.
    ///   - isFresh: true for callers that are no sessions of people.
    package init(
        actor: Actor, name: String, permissions: Set<Permission>, scope: Scope,
        language: Language, standing: Standing = .full, isFresh: Bool = true,
        session: Int64? = nil, allowances: [Permission: [Allowance]] = [:],
        isViewing: Bool = false, isToken: Bool = false, sequence: Int64? = nil
    ) {
        self.session = session
        self.allowances = allowances
        self.isViewing = isViewing
        self.isToken = isToken
        self.sequence = sequence
        self.standing = standing
        self.isFresh = isFresh
        self.actor = actor
        self.name = name
        self.permissions = permissions
        self.scope = scope
        self.language = language
    }

    /// Somebody who has not signed in.
    package static let guest = Caller(
        actor: .guest, name: "guest", permissions: [], scope: .nothing, language: .zhCN)

    /// The box itself. It calls functions, not endpoints, so it carries no permissions.
    package static func system(_ name: String) -> Caller {
        Caller(
            actor: .system(name), name: name, permissions: [], scope: .everything, language: .en)
    }

    /// Somebody of whom only the name matters, for the journal.
    package static func named(_ actor: Actor, _ name: String) -> Caller {
        Caller(actor: actor, name: name, permissions: [], scope: .everything, language: .zhCN)
    }

    package func may(_ permission: Permission) -> Bool { permissions.contains(permission) }

    /// The caller with the rows of one permission in sight. The API does this with the permission
    /// that the endpoint names; an endpoint that names none, or whose rows belong to another, does it
    /// itself. Of a permission that somebody does not hold there are none.
    package func acting(under permission: Permission) -> Caller {
        // Those whose permissions all have the same scope.
        if allowances.isEmpty { return self }
        var caller = self
        caller.scope = Scope((allowances[permission] ?? []).map(\.bounds))
        return caller
    }

    /// Whether a sensitive field may be read.
    package func sees(_ field: SensitiveField) -> Bool { may(field.permission) }

    /// The largest amount with which the caller may act on a row alone; nil when none is set.
    package func most(_ limit: ActionLimit, at row: [Dimension: Int64]) -> Int64? {
        var most: Int64 = 0
        let held = (allowances[limit.permission] ?? []).filter { $0.bounds.allows(row) }
        if held.isEmpty { return nil }
        for allowance in held {
            guard let amount = allowance.most[limit.name] else { return nil }
            most = max(most, amount)
        }
        return most
    }

    /// Whether the caller holds a permission in at least the way of `wanted`, and so may give it.
    package func holds(_ permission: Permission, _ wanted: Allowance) -> Bool {
        guard may(permission) else { return false }
        guard let held = allowances[permission] else {
            return scope.alternatives.contains { $0.covers(wanted.bounds) }
        }
        return held.contains { $0.covers(wanted) }
    }

    /// Throws unless the caller has `permission`.
    package func require(_ permission: Permission) throws(AccessRefusal) {
        if may(permission) { return }
        guard actor != .guest else { throw .unauthenticated }
        throw .forbidden(permission)
    }
}

/// Why somebody may not.
package enum AccessRefusal: Refusal, Equatable {
    case unauthenticated
    case forbidden(Permission)
    /// The right is there, and a fresh proof of who they are is not.
    case stepUpNeeded
    /// A password of one's own must be chosen first.
    case passwordNeeded
    /// A second factor must be set up first.
    case factorNeeded
    /// Somebody looks through another's eyes, and can change nothing meanwhile.
    case viewingOnly
    /// A program asks what only a person at a browser may.
    case sessionOnly
    /// A credential stands in the address of the request, and so in logs.
    case credentialInAddress

    package static let catalogue: [RefusalCode] = [
        RefusalCode("access.unauthenticated", .unauthenticated),
        RefusalCode("access.forbidden", .forbidden),
        RefusalCode("access.step_up_needed", .forbidden),
        RefusalCode("access.password_needed", .forbidden),
        RefusalCode("access.factor_needed", .forbidden),
        RefusalCode("access.viewing_only", .forbidden),
        RefusalCode("access.session_only", .forbidden),
        RefusalCode("access.credential_in_address", .unreadable),
    ]

    package var code: String {
        switch self {
        case .unauthenticated: "access.unauthenticated"
        case .forbidden: "access.forbidden"
        case .stepUpNeeded: "access.step_up_needed"
        case .passwordNeeded: "access.password_needed"
        case .factorNeeded: "access.factor_needed"
        case .viewingOnly: "access.viewing_only"
        case .sessionOnly: "access.session_only"
        case .credentialInAddress: "access.credential_in_address"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .unauthenticated, .stepUpNeeded, .passwordNeeded, .factorNeeded, .viewingOnly,
            .sessionOnly, .credentialInAddress:
            [:]
        case .forbidden(let permission): ["permission": .text(permission.code)]
        }
    }
}
