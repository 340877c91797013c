// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

private let userColumns = """
    id, name, state, language, created_us, last_sign_in_us, edition, one_time_until_us,
    EXISTS (SELECT 1 FROM access_totp WHERE user_id = access_user.id AND confirmed_us IS NOT NULL),
    EXISTS (SELECT 1 FROM access_passkey WHERE user_id = access_user.id),
    EXISTS (SELECT 1 FROM access_phone WHERE user_id = access_user.id AND confirmed_us IS NOT NULL)
    """

extension ReadTransaction {
    func administrators() throws -> [ID<User>] {
        try all("SELECT id FROM access_user WHERE role = 'administrator' ORDER BY id") {
            ID($0.int64(0))
        }
    }

    func user(_ id: ID<User>) throws -> User? {
        try first(
            "SELECT \(userColumns) FROM access_user WHERE id = ?", [id.raw], User.init(row:))
    }

    /// The user of that name in any way of writing it, with the stored hash of the password.
    ///
    /// - Parameter folded: the folded form of `name`.
    func userWithPassword(
        named name: String, folded: String
    ) throws -> (user: User, password: String)? {
        // Two names from before they were folded may look alike; then the exact one is meant.
        try first(
            """
            SELECT \(userColumns), password FROM access_user WHERE folded = ?
            ORDER BY name = ? DESC, id LIMIT 1
            """, [folded, name]
        ) { (try User(row: $0), $0.text(11)) }
    }

    func password(of id: ID<User>) throws -> String? {
        try first("SELECT password FROM access_user WHERE id = ?", [id.raw]) { $0.text(0) }
    }

    func users(after id: Int64, limit: Int) throws -> [User] {
        try all(
            "SELECT \(userColumns) FROM access_user WHERE id > ? ORDER BY id LIMIT ?",
            [id, limit], User.init(row:))
    }

    /// Ids, names and folded names of all users.
    func userNames() throws -> [(id: ID<User>, name: String, folded: String)] {
        try all("SELECT id, name, coalesce(folded, '') FROM access_user ORDER BY id", []) {
            (ID($0.int64(0)), $0.text(1), $0.text(2))
        }
    }

    func anyUser() throws -> Bool {
        try integer("SELECT 1 FROM access_user LIMIT 1", []) != nil
    }

    /// Roles that ask for a second factor.
    func rolesWithFactor() throws -> Set<Role> {
        Set(
            try all("SELECT role FROM access_role_rule WHERE needs_factor = 1", []) {
                Role($0.text(0))
            })
    }

    /// Whether one of the roles that somebody holds now asks for a second factor.
    func mustHaveFactor(_ user: ID<User>) throws -> Bool {
        let needing = try rolesWithFactor()
        return try !needing.isEmpty
            && grantsInForce(of: user).contains { needing.contains($0.role) }
    }

    func setupCode() throws -> [UInt8]? {
        try first("SELECT code FROM access_setup", []) { $0.bytes(0) }
    }

    /// What the person has not put away yet, newest first.
    func notices(of user: ID<User>) throws -> [Notice] {
        try all(
            "SELECT id, kind, actor, at_us FROM access_notice WHERE user_id = ? ORDER BY id DESC",
            [user.raw]
        ) {
            Notice(
                id: ID($0.int64(0)), kind: try stored($0.text(1)), by: $0.text(2),
                at: Instant(microseconds: $0.int64(3)))
        }
    }
}

extension WriteTransaction {
    func insertUser(
        name: String, folded: String, password: String, language: Language
    ) throws -> ID<User> {
        ID(
            try insert(
                """
                INSERT INTO access_user
                    (name, folded, password, state, language, created_us, edition)
                VALUES (?, ?, ?, 'active', ?, ?, 1)
                """, [name, folded, password, language.rawValue, now]))
    }

    /// Bookkeeping: how names are found, which the program knows and the table only keeps.
    func setFolded(_ folded: String, of id: ID<User>) throws {
        try runUntold("UPDATE access_user SET folded = ? WHERE id = ?", [folded, id.raw])
    }

    func updateUser(_ id: ID<User>, state: UserState, language: Language) throws {
        try run(
            """
            UPDATE access_user SET state = ?, language = ?, edition = edition + 1 WHERE id = ?
            """, [state.rawValue, language.rawValue, id.raw])
    }

    /// - Parameter until: until when the password opens the door once; nil for one's own.
    func updatePassword(of id: ID<User>, to password: String, oneTimeUntil until: Instant?) throws {
        try run(
            """
            UPDATE access_user SET password = ?, one_time_until_us = ?, edition = edition + 1
            WHERE id = ?
            """, [password, until, id.raw])
    }

    /// The same password, hashed anew; nobody need be told.
    func rehash(_ id: ID<User>, to password: String) throws {
        try runUntold("UPDATE access_user SET password = ? WHERE id = ?", [password, id.raw])
    }

    func noteSignIn(of id: ID<User>) throws {
        try run("UPDATE access_user SET last_sign_in_us = ? WHERE id = ?", [now, id.raw])
    }

    func setRole(_ role: Role, needsFactor: Bool) throws {
        try run(
            """
            INSERT INTO access_role_rule (role, needs_factor) VALUES (?, ?)
            ON CONFLICT (role) DO UPDATE SET needs_factor = excluded.needs_factor
            """, [role.code, needsFactor])
    }

    func setSetupCode(_ code: [UInt8]) throws {
        try runUntold(
            """
            INSERT INTO access_setup (id, code) VALUES (1, ?)
            ON CONFLICT (id) DO UPDATE SET code = excluded.code
            """, [code])
    }

    func clearSetupCode() throws {
        try runUntold("DELETE FROM access_setup", [])
    }

    func insertNotice(of user: ID<User>, _ kind: NoticeKind, by: String) throws {
        try insert(
            "INSERT INTO access_notice (user_id, kind, actor, at_us) VALUES (?, ?, ?, ?)",
            [user.raw, kind.rawValue, by, now])
        try run(
            """
            DELETE FROM access_notice WHERE user_id = ? AND id NOT IN
                (SELECT id FROM access_notice WHERE user_id = ? ORDER BY id DESC LIMIT ?)
            """, [user.raw, user.raw, NoticeRule.most])
    }

    /// The person has read them; that is nobody else's business.
    func deleteNotices(of user: ID<User>) throws {
        try runUntold("DELETE FROM access_notice WHERE user_id = ?", [user.raw])
    }
}

extension User {
    fileprivate init(row: Row) throws {
        var factors: Set<Factor> = []
        if row.int64(8) == 1 { factors.insert(.totp) }
        if row.int64(9) == 1 { factors.insert(.passkey) }
        if row.int64(10) == 1 { factors.insert(.sms) }
        self.init(
            id: ID(row.int64(0)), name: row.text(1), state: try stored(row.text(2)),
            language: try stored(row.text(3)), createdAt: Instant(microseconds: row.int64(4)),
            lastSignInAt: row.int64OrNil(5).map(Instant.init(microseconds:)),
            edition: row.int64(6),
            oneTimeUntil: row.int64OrNil(7).map(Instant.init(microseconds:)), factors: factors)
    }
}
