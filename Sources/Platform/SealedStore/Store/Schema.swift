// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The tables of one room, as the sequence of steps that made them.
package struct RoomSchema: Sendable {
    package let room: String
    /// What the names of its tables start with, before an underscore.
    package let prefix: String
    package let migrations: [Migration]

    package init(room: String, prefix: String, migrations: [Migration]) {
        self.room = room
        self.prefix = prefix
        self.migrations = migrations
    }
}

/// One step. Once released it never changes again: later steps are appended.
package struct Migration: Sendable {
    /// From 1, without gaps.
    package let number: Int
    package let name: String
    /// Any number of statements.
    package let sql: String

    package init(_ number: Int, _ name: String, _ sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }
}
