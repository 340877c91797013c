// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

extension ReadTransaction {
    func customRole(_ id: ID<CustomRole>) throws -> CustomRole? {
        try first(
            "SELECT id, name, purpose, state, edition FROM access_custom_role WHERE id = ?",
            [id.raw], customRole(row:))
    }

    /// All roles that were made here, in the order of their making; at most `RoleRule.most`.
    func customRoles() throws -> [CustomRole] {
        try all(
            """
            SELECT id, name, purpose, state, edition FROM access_custom_role ORDER BY id LIMIT ?
            """, [RoleRule.most], customRole(row:))
    }

    func roleIsNamed(_ name: String, besides id: ID<CustomRole>?) throws -> Bool {
        try integer(
            "SELECT 1 FROM access_custom_role WHERE name = ? AND id IS NOT ?", [name, id?.raw])
            != nil
    }

    private func customRole(row: Row) throws -> CustomRole {
        let id = row.int64(0)
        let rights = try all("SELECT code FROM access_role_right WHERE role_id = ?", [id]) {
            $0.text(0)
        }
        let most = try all("SELECT name, most FROM access_role_limit WHERE role_id = ?", [id]) {
            ($0.text(0), $0.int64(1))
        }
        return CustomRole(
            id: ID(id), name: row.text(1), purpose: row.text(2), state: try stored(row.text(3)),
            rights: Set(rights), most: Dictionary(uniqueKeysWithValues: most),
            edition: row.int64(4))
    }
}

extension WriteTransaction {
    func insertRole(_ draft: RoleDraft) throws -> ID<CustomRole> {
        let id = ID<CustomRole>(
            try insert(
                """
                INSERT INTO access_custom_role (name, purpose, state, edition)
                VALUES (?, ?, 'active', 1)
                """, [draft.name, draft.purpose]))
        try fill(id, draft)
        return id
    }

    func updateRole(_ id: ID<CustomRole>, _ draft: RoleDraft) throws {
        try run(
            """
            UPDATE access_custom_role SET name = ?, purpose = ?, edition = edition + 1
            WHERE id = ?
            """, [draft.name, draft.purpose, id.raw])
        try run("DELETE FROM access_role_right WHERE role_id = ?", [id.raw])
        try run("DELETE FROM access_role_limit WHERE role_id = ?", [id.raw])
        try fill(id, draft)
    }

    func retireRole(_ id: ID<CustomRole>) throws {
        try run(
            """
            UPDATE access_custom_role SET state = 'retired', edition = edition + 1 WHERE id = ?
            """, [id.raw])
    }

    private func fill(_ id: ID<CustomRole>, _ draft: RoleDraft) throws {
        for code in draft.rights.sorted() {
            try run("INSERT INTO access_role_right (role_id, code) VALUES (?, ?)", [id.raw, code])
        }
        for (name, most) in draft.most {
            try run(
                "INSERT INTO access_role_limit (role_id, name, most) VALUES (?, ?, ?)",
                [id.raw, name, most])
        }
    }
}

/// A role to be.
struct RoleDraft: Sendable, Equatable {
    var name: String
    var purpose: String
    var rights: Set<String>
    var most: [String: Int64]
}
