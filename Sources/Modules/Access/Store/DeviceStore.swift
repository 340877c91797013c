// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

private let deviceColumns = """
    id, name, warehouse_id, state, mode, created_us, seen_us,
    EXISTS (SELECT 1 FROM access_enrolment WHERE device_id = access_device.id)
    """

extension ReadTransaction {
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

    /// Whether a device besides `other` has the name.
    func deviceIsNamed(_ name: String, except other: ID<Device>? = nil) throws -> Bool {
        try integer(
            "SELECT 1 FROM access_device WHERE name = ? AND id IS NOT ?", [name, other?.raw]) != nil
    }

    /// The sealed key of a device, also of a revoked one; nil when it never had one.
    func deviceKey(_ id: ID<Device>) throws -> [UInt8]? {
        try first("SELECT key FROM access_device WHERE id = ? AND key IS NOT NULL", [id.raw]) {
            $0.bytes(0)
        }
    }

    /// Sealed keys of all devices.
    func deviceKeys() throws -> [(device: ID<Device>, sealed: [UInt8])] {
        try all("SELECT id, key FROM access_device WHERE key IS NOT NULL ORDER BY id", []) {
            (ID($0.int64(0)), $0.bytes(1))
        }
    }

    /// Numbers that the device has used; none for one that has not signed a change yet.
    func sequences(of id: ID<Device>) throws -> SequenceWindow {
        try first("SELECT high, seen FROM access_sequence WHERE device_id = ?", [id.raw]) {
            SequenceWindow(high: $0.int64(0), seen: UInt64(bitPattern: $0.int64(1)))
        } ?? SequenceWindow()
    }

    func enrolment(code: [UInt8]) throws -> Enrolment? {
        try first(
            "SELECT device_id, secret, created_us, failures FROM access_enrolment WHERE code = ?",
            [code], Enrolment.init(row:))
    }

    func enrolment(of id: ID<Device>) throws -> Enrolment? {
        try first(
            """
            SELECT device_id, secret, created_us, failures FROM access_enrolment
            WHERE device_id = ?
            """, [id.raw], Enrolment.init(row:))
    }

    /// Sealed secrets of all enrolments.
    func enrolmentSecrets() throws -> [(device: ID<Device>, sealed: [UInt8])] {
        try all("SELECT device_id, secret FROM access_enrolment ORDER BY device_id", []) {
            (ID($0.int64(0)), $0.bytes(1))
        }
    }
}

extension WriteTransaction {
    func touchDevice(_ id: ID<Device>) throws {
        try runUntold("UPDATE access_device SET seen_us = ? WHERE id = ?", [now, id.raw])
    }

    /// - Parameter token: the digest of its token; nil for a device that is to be enrolled.
    func insertDevice(name: String, token: [UInt8]?, warehouse: Int64?) throws -> ID<Device> {
        ID(
            try insert(
                """
                INSERT INTO access_device (name, mode, token, warehouse_id, state, created_us)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    name, (token == nil ? DeviceMode.signed : .token).rawValue, token, warehouse,
                    (token == nil ? DeviceState.waiting : .active).rawValue, now,
                ]))
    }

    func updateDevice(_ id: ID<Device>, name: String, warehouse: Int64?) throws {
        try run(
            "UPDATE access_device SET name = ?, warehouse_id = ? WHERE id = ?",
            [name, warehouse, id.raw])
    }

    func revokeDevice(_ id: ID<Device>) throws {
        try run("UPDATE access_device SET state = 'revoked' WHERE id = ?", [id.raw])
        try deleteEnrolment(of: id)
    }

    /// A token instead of whatever the device had.
    func setToken(_ token: [UInt8], of id: ID<Device>) throws {
        try run(
            """
            UPDATE access_device SET mode = 'token', token = ?, key = NULL, state = 'active'
            WHERE id = ?
            """, [token, id.raw])
        try deleteEnrolment(of: id)
    }

    /// A key instead of whatever the device had. Its numbers begin anew.
    func setKey(_ sealed: [UInt8], of id: ID<Device>) throws {
        try run(
            """
            UPDATE access_device SET mode = 'signed', token = NULL, key = ?, state = 'active'
            WHERE id = ?
            """, [sealed, id.raw])
        try run("DELETE FROM access_sequence WHERE device_id = ?", [id.raw])
        try deleteEnrolment(of: id)
    }

    /// The same key under another seal; nobody need be told.
    func resealKey(_ sealed: [UInt8], of id: ID<Device>) throws {
        try runUntold("UPDATE access_device SET key = ? WHERE id = ?", [sealed, id.raw])
    }

    /// Bookkeeping of the change that a signed request makes.
    func setSequences(_ window: SequenceWindow, of id: ID<Device>) throws {
        try runUntold(
            """
            INSERT INTO access_sequence (device_id, high, seen) VALUES (?, ?, ?)
            ON CONFLICT (device_id) DO UPDATE SET high = excluded.high, seen = excluded.seen
            """, [id.raw, window.high, Int64(bitPattern: window.seen)])
    }

    /// One enrolment a device: a new one takes the place of the old.
    func setEnrolment(of id: ID<Device>, code: [UInt8], secret: [UInt8]) throws {
        try run(
            """
            INSERT INTO access_enrolment (device_id, code, secret, created_us, failures)
            VALUES (?, ?, ?, ?, 0)
            ON CONFLICT (device_id) DO UPDATE SET code = excluded.code, secret = excluded.secret,
                created_us = excluded.created_us, failures = 0
            """, [id.raw, code, secret, now])
    }

    func resealSecret(_ sealed: [UInt8], of id: ID<Device>) throws {
        try runUntold(
            "UPDATE access_enrolment SET secret = ? WHERE device_id = ?", [sealed, id.raw])
    }

    func noteFailure(ofEnrolment id: ID<Device>) throws {
        try run(
            "UPDATE access_enrolment SET failures = failures + 1 WHERE device_id = ?", [id.raw])
    }

    func deleteEnrolment(of id: ID<Device>) throws {
        try run("DELETE FROM access_enrolment WHERE device_id = ?", [id.raw])
    }

    func deleteEnrolments(createdBefore created: Instant) throws {
        try runUntold("DELETE FROM access_enrolment WHERE created_us < ?", [created])
    }
}

extension Device {
    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), name: row.text(1), warehouse: row.int64OrNil(2),
            state: try stored(row.text(3)), mode: try stored(row.text(4)),
            createdAt: Instant(microseconds: row.int64(5)),
            lastSeenAt: row.int64OrNil(6).map(Instant.init(microseconds:)),
            isEnrolling: row.bool(7))
    }
}

extension Enrolment {
    fileprivate init(row: Row) throws {
        self.init(
            device: ID(row.int64(0)), secret: row.bytes(1),
            createdAt: Instant(microseconds: row.int64(2)), failures: row.int64(3))
    }
}
