// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

private let userColumns =
    "id, name, role, state, language, created_us, last_sign_in_us, edition"
private let deviceColumns = "id, name, warehouse_id, state, created_us, seen_us"

extension ReadTransaction {
    func user(_ id: ID<User>) throws -> User? {
        try first(
            "SELECT \(userColumns) FROM access_user WHERE id = ?", [id.raw], User.init(row:))
    }

    /// The user of that name, whatever its case, with the stored hash of the password.
    func userWithPassword(named name: String) throws -> (user: User, password: String)? {
        try first(
            "SELECT \(userColumns), password FROM access_user WHERE name = ?", [name]
        ) { (try User(row: $0), $0.text(8)) }
    }

    func password(of id: ID<User>) throws -> String? {
        try first("SELECT password FROM access_user WHERE id = ?", [id.raw]) { $0.text(0) }
    }

    func users(after id: Int64, limit: Int) throws -> [User] {
        try all(
            "SELECT \(userColumns) FROM access_user WHERE id > ? ORDER BY id LIMIT ?",
            [id, limit], User.init(row:))
    }

    func anyUser() throws -> Bool {
        try integer("SELECT 1 FROM access_user LIMIT 1", []) != nil
    }

    /// Active administrators besides `id`.
    func otherAdministrators(than id: ID<User>) throws -> Int64 {
        try integer(
            """
            SELECT count(*) FROM access_user
            WHERE role = 'administrator' AND state = 'active' AND id <> ?
            """, [id.raw]) ?? 0
    }

    func session(token: [UInt8]) throws -> Session? {
        try first(
            "SELECT id, user_id, created_us, seen_us FROM access_session WHERE token = ?", [token]
        ) {
            Session(
                id: ID($0.int64(0)), user: ID($0.int64(1)),
                createdAt: Instant(microseconds: $0.int64(2)),
                seenAt: Instant(microseconds: $0.int64(3)))
        }
    }

    func device(token: [UInt8]) throws -> Device? {
        try first(
            "SELECT \(deviceColumns) FROM access_device WHERE token = ?", [token],
            Device.init(row:))
    }

    func device(_ id: ID<Device>) throws -> Device? {
        try first(
            "SELECT \(deviceColumns) FROM access_device WHERE id = ?", [id.raw],
            Device.init(row:))
    }

    func devices(after id: Int64, limit: Int) throws -> [Device] {
        try all(
            "SELECT \(deviceColumns) FROM access_device WHERE id > ? ORDER BY id LIMIT ?",
            [id, limit], Device.init(row:))
    }

    func deviceIsNamed(_ name: String) throws -> Bool {
        try integer("SELECT 1 FROM access_device WHERE name = ?", [name]) != nil
    }

    func throttle(_ key: String) throws -> Throttle? {
        try first("SELECT failures, until_us FROM access_throttle WHERE key = ?", [key]) {
            Throttle(failures: $0.int64(0), until: Instant(microseconds: $0.int64(1)))
        }
    }

    func setupCode() throws -> [UInt8]? {
        try first("SELECT code FROM access_setup", []) { $0.bytes(0) }
    }
}

extension WriteTransaction {
    func insertUser(
        name: String, password: String, role: Role, language: Language
    ) throws -> ID<User> {
        ID(
            try insert(
                """
                INSERT INTO access_user (name, password, role, state, language, created_us, edition)
                VALUES (?, ?, ?, 'active', ?, ?, 1)
                """, [name, password, role.rawValue, language.rawValue, now]))
    }

    func updateUser(_ id: ID<User>, role: Role, state: UserState, language: Language) throws {
        try run(
            """
            UPDATE access_user SET role = ?, state = ?, language = ?, edition = edition + 1
            WHERE id = ?
            """, [role.rawValue, state.rawValue, language.rawValue, id.raw])
    }

    func updatePassword(of id: ID<User>, to password: String) throws {
        try run(
            "UPDATE access_user SET password = ?, edition = edition + 1 WHERE id = ?",
            [password, id.raw])
    }

    func noteSignIn(of id: ID<User>) throws {
        try run("UPDATE access_user SET last_sign_in_us = ? WHERE id = ?", [now, id.raw])
    }

    func insertSession(of user: ID<User>, token: [UInt8]) throws {
        try insert(
            """
            INSERT INTO access_session (user_id, token, created_us, seen_us) VALUES (?, ?, ?, ?)
            """, [user.raw, token, now, now])
    }

    /// Bookkeeping, not a change that anybody must be told.
    func touchSession(token: [UInt8]) throws {
        try runUntold("UPDATE access_session SET seen_us = ? WHERE token = ?", [now, token])
    }

    func touchDevice(_ id: ID<Device>) throws {
        try runUntold("UPDATE access_device SET seen_us = ? WHERE id = ?", [now, id.raw])
    }

    func deleteSession(token: [UInt8]) throws -> Int {
        try run("DELETE FROM access_session WHERE token = ?", [token])
    }

    func deleteSessions(of user: ID<User>, except token: [UInt8]?) throws {
        try run(
            "DELETE FROM access_session WHERE user_id = ? AND token IS NOT ?", [user.raw, token])
    }

    /// Removes sessions that nobody can use any more.
    func deleteSessions(createdBefore created: Instant, seenBefore seen: Instant) throws -> Int {
        try runUntold(
            "DELETE FROM access_session WHERE created_us < ? OR seen_us < ?", [created, seen])
    }

    func insertDevice(name: String, token: [UInt8], warehouse: Int64?) throws -> ID<Device> {
        ID(
            try insert(
                """
                INSERT INTO access_device (name, token, warehouse_id, state, created_us)
                VALUES (?, ?, ?, 'active', ?)
                """, [name, token, warehouse, now]))
    }

    func revokeDevice(_ id: ID<Device>) throws {
        try run("UPDATE access_device SET state = 'revoked' WHERE id = ?", [id.raw])
    }

    func setThrottle(_ key: String, _ throttle: Throttle) throws {
        try runUntold(
            """
            INSERT INTO access_throttle (key, failures, until_us, failed_us) VALUES (?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET failures = excluded.failures,
                until_us = excluded.until_us, failed_us = excluded.failed_us
            """, [key, throttle.failures, throttle.until, now])
    }

    func clearThrottle(_ key: String) throws {
        try runUntold("DELETE FROM access_throttle WHERE key = ?", [key])
    }

    func forgetThrottles(failedBefore instant: Instant) throws -> Int {
        try runUntold("DELETE FROM access_throttle WHERE failed_us < ?", [instant])
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
}

extension User {
    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), name: row.text(1), role: try stored(row.text(2)),
            state: try stored(row.text(3)), language: try stored(row.text(4)),
            createdAt: Instant(microseconds: row.int64(5)),
            lastSignInAt: row.int64OrNil(6).map(Instant.init(microseconds:)),
            edition: row.int64(7))
    }
}

extension Device {
    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), name: row.text(1), warehouse: row.int64OrNil(2),
            state: try stored(row.text(3)), createdAt: Instant(microseconds: row.int64(4)),
            lastSeenAt: row.int64OrNil(5).map(Instant.init(microseconds:)))
    }
}
