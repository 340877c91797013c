// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Web

/// The name of a role on the wire: `picker`, or `rol-7` for one made here.
struct RoleCode: WireText {
    static let rule = Schema.TextRule(least: 1, most: 40, pattern: "^[a-z][a-z0-9_-]*$")
    static let sample = RoleCode(checked: "picker")
    let text: String

    init(checked text: String) { self.text = text }

    init(_ text: String) throws(WireFault) {
        guard let first = text.utf8.first else { throw WireFault("too_short") }
        guard text.utf8.count <= Self.rule.most else { throw WireFault("too_long") }
        let isPlain = text.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f || $0 == 0x2d
        }
        guard (0x61...0x7a).contains(first), isPlain else { throw WireFault("bad_character") }
        self.text = text
    }
}

/// A role by its name; `name` is null when the language catalogues have it.
struct RoleRef: Codable, Sendable {
    let role: RoleCode
    let name: String?
}

/// The largest amount of a limit.
struct LimitSetting: Codable, Sendable {
    let limit: Word
    let most: Count
}

struct RoleView: WireRecord, Tagged {
    let role: RoleCode
    let name: String?
    let purpose: String?
    let shipped: Bool
    let state: Choice<RoleState>
    let permissions: [String]
    let limits: [LimitSetting]
    /// Whether people of this role must have a second factor.
    let factorNeeded: Bool
    /// Whether giving it needs a second person.
    let sensitive: Bool
    /// Names of the conflicts of duties within it.
    let conflicts: [String]
    /// Grants of it that wait or are not ended.
    let grants: Int64
    let etag: String
}

struct RolePath: Codable, Sendable {
    let role: RoleCode
}

struct RoleRequest: WireRecord {
    let name: Name
    let purpose: Note
    let permissions: [Word]
    let limits: [LimitSetting]
}

struct RoleRuleRequest: WireRecord {
    let factorNeeded: Flag
}

struct PermissionView: Codable, Sendable {
    let permission: String
    /// `rows`, `free` or `whole`: what a narrowed grant means for it.
    let reach: Choice<Permission.Reach>
    let reading: Bool
    let sensitive: Bool
    /// Whether it is a field that is left out for others.
    let field: Bool
}

struct LimitView: Codable, Sendable {
    let limit: String
    let permission: String
    let unit: String
}

struct ConflictView: Codable, Sendable {
    let name: String
    let one: String
    let other: String
}

struct RowValueView: Codable, Sendable {
    let id: Int64
    let code: String
    let name: String
}

struct DimensionView: Codable, Sendable {
    let dimension: String
    /// The first of its values; a house has few.
    let values: [RowValueView]
}

/// What roles and grants are made of.
struct CapabilitiesView: WireRecord {
    let permissions: [PermissionView]
    let limits: [LimitView]
    let conflicts: [ConflictView]
    let dimensions: [DimensionView]
}

private let sees = Endpoint.Need.permission(AccessPermission.seeUsers)
private let manages = Endpoint.Need.permission(AccessPermission.manageRoles)

/// Roles and what they are made of.
func roleEndpoints(_ table: RoleTable) -> [Route] {
    roleLooks(table) + roleChanges(table)
}

private func roleLooks(_ table: RoleTable) -> [Route] {
    [
        .look(
            "/api/v1/roles", needs: sees, summary: "List the roles and what each may do",
            query: NoQuery.self, answers: PageView<RoleView>.self
        ) { _, _, tx in
            PageView(
                items: try roleCards(table, in: tx).map { try view($0, table, in: tx) }, next: nil)
        },
        .look(
            "/api/v1/roles/{role}", needs: sees, summary: "Read a role", query: RolePath.self,
            answers: RoleView.self, refusals: [GrantRefusal.self]
        ) { path, _, tx in
            try view(try require(Role(path.role.text), table, in: tx), table, in: tx)
        },
        .look(
            "/api/v1/capabilities", needs: sees,
            summary: "List the permissions, limits, conflicts and kinds of rows that there are",
            query: NoQuery.self, answers: CapabilitiesView.self
        ) { _, _, tx in
            CapabilitiesView(
                permissions: table.all.map {
                    PermissionView(
                        permission: $0.code, reach: Choice($0.reach), reading: $0.isReading,
                        sensitive: isSensitive([$0.code]), field: $0.code.hasPrefix("field."))
                },
                limits: table.limits.map {
                    LimitView(limit: $0.name, permission: $0.permission.code, unit: $0.unit)
                },
                conflicts: table.conflicts.map(conflictView),
                dimensions: try table.dimensions.map { one in
                    DimensionView(
                        dimension: one.dimension.name,
                        values: try one.values(tx, 0, Limit.pageSize).map {
                            RowValueView(id: $0.id, code: $0.code, name: $0.name)
                        })
                })
        },
    ]
}

private func roleChanges(_ table: RoleTable) -> [Route] {
    let example = RoleRequest(
        name: Name(checked: "Night shift"), purpose: Note(checked: "Receives at night."),
        permissions: [Word(checked: "stock.see"), Word(checked: "stock.adjust")],
        limits: [])
    return [
        .change(
            .post, "/api/v1/roles", needs: manages, summary: "Make a role out of permissions",
            query: NoQuery.self, body: RoleRequest.self, answers: RoleView.self, status: 201,
            refusals: [GrantRefusal.self], example: example
        ) { _, body, caller, tx in
            try view(try addRole(draft(body), table, by: caller, in: tx), table, in: tx)
        },
        .edit(
            "/api/v1/roles/{role}", needs: manages,
            summary: "Change a role that was made here; its holders sign in again",
            query: RolePath.self, body: RoleRequest.self, answers: RoleView.self,
            refusals: [GrantRefusal.self], example: example
        ) { path, body, condition, caller, tx in
            let card = try edit(
                Role(path.role.text), draft(body), if: condition, table, by: caller, in: tx)
            table.takenBack.note(at: tx.now)
            return try view(card, table, in: tx)
        },
        .change(
            .post, "/api/v1/roles/{role}/retirement", needs: manages,
            summary: "Take a role out of use that nobody holds", query: RolePath.self,
            body: Empty.self, answers: RoleView.self, refusals: [GrantRefusal.self],
            example: Empty()
        ) { path, _, caller, tx in
            try view(
                try retire(Role(path.role.text), table, by: caller, in: tx), table, in: tx)
        },
        .change(
            .put, "/api/v1/roles/{role}", needs: manages,
            summary: "Say whether people of a role must have a second factor",
            query: RolePath.self, body: RoleRuleRequest.self, answers: RoleView.self,
            refusals: [GrantRefusal.self], example: RoleRuleRequest(factorNeeded: true)
        ) { path, body, caller, tx in
            let card = try require(Role(path.role.text), table, in: tx)
            try setRole(card.role, needsFactor: body.factorNeeded, by: caller, in: tx)
            table.takenBack.note(at: tx.now)
            return try view(card, table, in: tx)
        },
    ]
}

private func draft(_ body: RoleRequest) -> RoleDraft {
    RoleDraft(
        name: body.name.text, purpose: body.purpose.text,
        rights: Set(body.permissions.map(\.text)),
        most: Dictionary(
            body.limits.map { ($0.limit.text, $0.most.value) }, uniquingKeysWith: min))
}

func conflictView(_ conflict: DutyConflict) -> ConflictView {
    ConflictView(name: conflict.name, one: conflict.one.code, other: conflict.other.code)
}

/// A role as it is named beside other things.
func roleRef(_ card: RoleCard) -> RoleRef {
    RoleRef(role: RoleCode(checked: card.role.code), name: card.name)
}

/// The roles that somebody holds now, each once.
func roleRefs(
    of user: ID<User>, _ table: RoleTable, in tx: ReadTransaction
) throws -> [RoleRef] {
    var seen: Set<Role> = []
    return try tx.grantsInForce(of: user).filter { seen.insert($0.role).inserted }.compactMap {
        try roleCard($0.role, table, in: tx).map(roleRef)
    }
}

private func view(
    _ card: RoleCard, _ table: RoleTable, in tx: ReadTransaction
) throws -> RoleView {
    RoleView(
        role: RoleCode(checked: card.role.code), name: card.name, purpose: card.purpose,
        shipped: card.role.shipped != nil, state: Choice(card.state),
        permissions: card.rights.sorted(),
        limits: try card.most.sorted { $0.key < $1.key }.map {
            LimitSetting(limit: Word(checked: $0.key), most: try Count($0.value))
        },
        factorNeeded: try tx.rolesWithFactor().contains(card.role),
        sensitive: isSensitive(card.rights),
        conflicts: conflicts(in: card.rights, table).map(\.name),
        grants: Int64(try tx.openGrants(of: card.role).count), etag: editionTag(card.edition))
}
