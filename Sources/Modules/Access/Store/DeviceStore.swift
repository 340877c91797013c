// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

private let deviceColumns = "id, name, warehouse_id, state, created_us, seen_us"

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

    func deviceIsNamed(_ name: String) throws -> Bool {
        try integer("SELECT 1 FROM access_device WHERE name = ?", [name]) != nil
    }
}

extension WriteTransaction {
    func touchDevice(_ id: ID<Device>) throws {
        try runUntold("UPDATE access_device SET seen_us = ? WHERE id = ?", [now, id.raw])
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
}

extension Device {
    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), name: row.text(1), warehouse: row.int64OrNil(2),
            state: try stored(row.text(3)), createdAt: Instant(microseconds: row.int64(4)),
            lastSeenAt: row.int64OrNil(5).map(Instant.init(microseconds:)))
    }
}
