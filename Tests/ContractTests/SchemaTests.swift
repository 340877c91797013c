// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Kernel
import ModuleKit
import SealedStore
import TestKit
import Testing

/// The tables of all rooms, as they really are in an opened house.
struct SchemaTests {
    private struct Table {
        let name: String
        let isStrict: Bool
        let isVirtual: Bool
    }

    private func tables(_ store: SealedStore) throws -> [Table] {
        try store.read { tx in
            try tx.all(
                """
                SELECT name, strict, type FROM pragma_table_list
                WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite%'
                ORDER BY name
                """
            ) {
                Table(name: $0.text(0), isStrict: $0.bool(1), isVirtual: $0.text(2) == "virtual")
            }
        }
    }

    @Test func `every table is strict and has a primary key`() throws {
        let house = try TestHouse()
        let tables = try tables(house.store)
        #expect(tables.count > 20)
        for table in tables where !table.isVirtual {
            #expect(table.isStrict, "\(table.name)")
            let keys = try house.store.read {
                try $0.integer(
                    "SELECT count(*) FROM pragma_table_info(?) WHERE pk > 0", [table.name])
            }
            #expect((keys ?? 0) > 0, "\(table.name)")
        }
    }

    @Test func `every table and index carries the prefix of its room`() throws {
        let house = try TestHouse()
        let schemas = allSchemas(house.house.modules)
        let prefixes = schemas.map(\.prefix)
        #expect(Set(prefixes).count == prefixes.count)
        #expect(Set(schemas.map(\.room)).count == schemas.count)
        let names = try house.store.read { tx in
            try tx.all(
                """
                SELECT s.name FROM sqlite_schema AS s
                LEFT JOIN pragma_table_list AS l ON l.schema = 'main' AND l.name = s.tbl_name
                WHERE s.name NOT LIKE 'sqlite%' AND coalesce(l.type, '') <> 'shadow'
                """
            ) { $0.text(0) }
        }
        // The store's own notes on migrations.
        for name in names where !name.hasPrefix("store_") {
            #expect(prefixes.contains { name.hasPrefix($0 + "_") }, "\(name)")
        }
    }

    @Test func `migrations are numbered from 1 without gaps and have names`() {
        for schema in allSchemas(allModules().modules) {
            #expect(
                schema.migrations.map(\.number) == Array(1...max(1, schema.migrations.count)),
                "\(schema.room)")
            for migration in schema.migrations {
                #expect(!migration.name.isEmpty && !migration.sql.isEmpty, "\(schema.room)")
            }
        }
    }

    @Test func `every foreign key leads an index`() throws {
        let house = try TestHouse()
        var seen = 0
        for table in try tables(house.store) where !table.isVirtual {
            let missing = try house.store.read { tx in
                let keys = try tx.all(
                    "SELECT \"from\" FROM pragma_foreign_key_list(?) WHERE seq = 0", [table.name]
                ) { $0.text(0) }
                seen += keys.count
                return try keys.filter { column in
                    try !leads(column, of: table.name, tx)
                }
            }
            #expect(missing == [], "\(table.name)")
        }
        #expect(seen > 10)
    }

    /// Whether a column is the first of the primary key or of an index.
    private func leads(_ column: String, of table: String, _ tx: ReadTransaction) throws -> Bool {
        let key = try tx.integer(
            "SELECT count(*) FROM pragma_table_info(?) WHERE name = ? AND pk = 1",
            [table, column])
        if key == 1 { return true }
        return try tx.integer(
            """
            SELECT count(*) FROM pragma_index_list(?) AS i, pragma_index_info(i.name) AS c
            WHERE c.seqno = 0 AND c.name = ?
            """, [table, column]) ?? 0 > 0
    }

    /// Tables that nobody may change, with a column to try it on.
    @Test(arguments: [
        ("journal_event", "kind"), ("stock_movement", "amount"), ("stock_movement", "note"),
    ])
    func `what happened cannot be changed`(_ table: String, _ column: String) throws {
        let house = try TestHouse()
        let goods = try house.goods("A", barcode: "A-EACH")
        try house.receive("3", of: goods, at: try house.bin("A-01"))
        let before = try house.store.tableHashes()
        for sql in [
            "UPDATE \(table) SET \(column) = \(column)", "DELETE FROM \(table)",
            "INSERT OR REPLACE INTO \(table) SELECT * FROM \(table)",
        ] {
            #expect(throws: StoreFault.self, "\(sql)") {
                try house.store.write { tx in
                    try tx.run(sql)
                    tx.markTold()
                }
            }
        }
        #expect(try house.store.tableHashes() == before)
        let rows = try house.store.read { try $0.integer("SELECT count(*) FROM \(table)") }
        #expect((rows ?? 0) > 0)
    }

    @Test func `a change that tells nothing is not kept`() throws {
        let house = try TestHouse()
        try house.bin("A-01")
        for schema in allSchemas(house.house.modules) where schema.prefix == "stock" {
            #expect(throws: StoreFault.untold) {
                try house.store.write { tx in
                    _ = try tx.run("UPDATE stock_warehouse SET name = 'x'")
                }
            }
        }
    }
}
