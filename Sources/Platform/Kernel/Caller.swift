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

/// Who asks, what they may do, and which rows they may see. Travels with every call.
package struct Caller: Sendable {
    package let actor: Actor
    package let name: String
    package let permissions: Set<Permission>
    package let scope: Scope
    package let language: Language

    package init(
        actor: Actor, name: String, permissions: Set<Permission>, scope: Scope,
        language: Language
    ) {
        self.actor = actor
        self.name = name
        self.permissions = permissions
        self.scope = scope
        self.language = language
    }

    /// Somebody who has not signed in.
    package static let guest = Caller(
        actor: .guest, name: "guest", permissions: [], scope: .warehouses([]), language: .zhCN)

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

    package static let catalogue: [RefusalCode] = [
        RefusalCode("access.unauthenticated", .unauthenticated),
        RefusalCode("access.forbidden", .forbidden),
    ]

    package var code: String {
        switch self {
        case .unauthenticated: "access.unauthenticated"
        case .forbidden: "access.forbidden"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .unauthenticated: [:]
        case .forbidden(let permission): ["permission": .text(permission.code)]
        }
    }
}
