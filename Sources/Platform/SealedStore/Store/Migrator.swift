// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium
import Kernel

/// Brings the tables of all rooms to what the program knows, one step in one transaction.
struct Migrator {
    let connection: Connection
    let schemas: [RoomSchema]
    let now: Instant

    /// - Throws: `StoreFault.newer` for a step that the program does not know,
    ///   `StoreFault.migration` for a step that changed or breaks a rule.
    func run() throws {
        try checkNumbers()
        try connection.command(Migrator.recordTable)
        for schema in schemas {
            let done = try recorded(schema.room)
            if let last = done.keys.max(), last > schema.migrations.count {
                throw StoreFault.newer("migration \(last) of \(schema.room)")
            }
            for migration in schema.migrations {
                let digest = Migrator.digest(migration.sql)
                if let before = done[migration.number] {
                    guard before == digest else {
                        throw fault(schema, migration, "its text changed since it was applied")
                    }
                } else {
                    try apply(migration, of: schema, digest: digest)
                }
            }
        }
    }

    private static let recordTable = """
        CREATE TABLE IF NOT EXISTS store_migration (
            room TEXT NOT NULL,
            number INTEGER NOT NULL CHECK (number > 0),
            name TEXT NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            at_us INTEGER NOT NULL,
            PRIMARY KEY (room, number)
        ) STRICT, WITHOUT ROWID
        """

    /// BLAKE2b-256 of the text. Source: RFC 7693.
    private static func digest(_ sql: String) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let text = Array(sql.utf8)
        crypto_generichash(&digest, 32, text, UInt64(text.count), nil, 0)
        return digest
    }

    private func checkNumbers() throws {
        var prefixes: Set<String> = ["store", "sqlite"]
        var rooms: Set<String> = []
        for schema in schemas {
            for (index, migration) in schema.migrations.enumerated()
            where migration.number != index + 1 {
                throw fault(schema, migration, "steps count from 1 without gaps")
            }
            guard rooms.insert(schema.room).inserted, prefixes.insert(schema.prefix).inserted else {
                throw StoreFault.migration(
                    room: schema.room, number: 0, "its name or prefix is taken")
            }
        }
    }

    private func recorded(_ room: String) throws -> [Int: [UInt8]] {
        let rows = try reading {
            try $0.all("SELECT number, digest FROM store_migration WHERE room = ?", [room]) {
                ($0.int(0), $0.bytes(1))
            }
        }
        return Dictionary(rows) { first, _ in first }
    }

    private func apply(_ migration: Migration, of schema: RoomSchema, digest: [UInt8]) throws {
        // A table that is rebuilt would take the rows that point at it along, so foreign keys
        // are checked once at the end. The setting is ignored inside a transaction.
        try connection.command("PRAGMA foreign_keys = OFF")
        defer { try? connection.command("PRAGMA foreign_keys = ON") }
        let before = try objects()
        try connection.command("BEGIN IMMEDIATE")
        do {
            try connection.script(migration.sql) { statement in
                guard !Migrator.isForbidden(statement) else {
                    throw fault(schema, migration, "it has a statement that is not for steps")
                }
            }
            try check(migration, of: schema, before: before)
            let transaction = WriteTransaction(connection, now: now)
            try transaction.run(
                """
                INSERT INTO store_migration (room, number, name, digest, at_us)
                VALUES (?, ?, ?, ?, ?)
                """,
                [schema.room, migration.number, migration.name, digest, now])
            transaction.end()
            try connection.command("COMMIT")
        } catch {
            connection.abandon()
            throw error
        }
    }

    /// What would end the transaction or reach outside the tables of the store.
    private static func isForbidden(_ statement: String) -> Bool {
        var rest = Substring(statement)
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == ";" }
            if rest.hasPrefix("--") {
                rest = rest.drop { !$0.isNewline }
            } else if rest.hasPrefix("/*"), let end = rest.firstRange(of: "*/") {
                rest = rest[end.upperBound...]
            } else {
                break
            }
        }
        let word = rest.prefix { $0.isLetter }.uppercased()
        return [
            "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "ATTACH", "DETACH",
            "PRAGMA", "VACUUM",
        ].contains(word)
    }

    private struct SchemaObject: Equatable {
        let table: String
        let sql: String
    }

    private func objects() throws -> [String: SchemaObject] {
        let rows = try reading {
            try $0.all("SELECT type || ' ' || name, tbl_name, coalesce(sql, '') FROM sqlite_schema")
            { ($0.text(0), SchemaObject(table: $0.text(1), sql: $0.text(2))) }
        }
        return Dictionary(rows) { first, _ in first }
    }

    private func check(
        _ migration: Migration, of schema: RoomSchema, before: [String: SchemaObject]
    ) throws {
        let after = try objects()
        for name in Set(before.keys).union(after.keys) where before[name] != after[name] {
            let table = after[name]?.table ?? before[name]?.table ?? ""
            guard
                table == schema.prefix || table.hasPrefix(schema.prefix + "_")
                    || table.hasPrefix("sqlite_")
            else { throw fault(schema, migration, "\(name) is not in a table of the room") }
        }
        let loose = try reading {
            try $0.all(
                """
                SELECT l.name FROM pragma_table_list AS l JOIN sqlite_schema AS s ON s.name = l.name
                WHERE l.schema = 'main' AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                    AND ((l.type = 'table' AND NOT l.strict)
                        OR (l.type = 'virtual' AND s.sql NOT LIKE '%USING fts5%'))
                """
            ) { $0.text(0) }
        }
        if let table = loose.first {
            throw fault(schema, migration, "table \(table) is neither STRICT nor FTS5")
        }
        let broken = try reading {
            try $0.first("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1") { $0.text(0) }
        }
        if let broken { throw fault(schema, migration, "rows of \(broken) point at nothing") }
    }

    private func reading<T>(_ body: (ReadTransaction) throws -> T) throws -> T {
        let transaction = ReadTransaction(connection, now: now)
        defer { transaction.end() }
        return try body(transaction)
    }

    private func fault(_ schema: RoomSchema, _ migration: Migration, _ rule: String) -> StoreFault {
        .migration(room: schema.room, number: migration.number, rule)
    }
}
