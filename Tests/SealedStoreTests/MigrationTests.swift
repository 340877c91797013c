// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

@testable import SealedStore

@Suite struct MigrationTests {
    private func room(_ migrations: [Migration], prefix: String = "box") -> RoomSchema {
        RoomSchema(room: "boxes", prefix: prefix, migrations: migrations)
    }

    private let first = Migration(1, "boxes", "CREATE TABLE box (id INTEGER PRIMARY KEY) STRICT")
    private let second = Migration(
        2, "lids",
        """
        CREATE TABLE box_lid (id INTEGER PRIMARY KEY, box_id INTEGER REFERENCES box (id)) STRICT;
        CREATE INDEX box_lid_box ON box_lid (box_id);
        """)

    private func open(_ place: Room, _ migrations: [Migration]) throws {
        try SealedStore.open(
            folder: place.folder, key: place.key, schemas: [room(migrations)], clock: Room.clock
        ).close()
    }

    @Test func `steps are applied once, in order, and later ones are added`() throws {
        let place = try Room([])
        try open(place, [first])
        try open(place, [first, second])
        try open(place, [first, second])
        let store = try SealedStore.open(
            folder: place.folder, key: place.key, schemas: [room([first, second])],
            clock: Room.clock)
        defer { store.close() }
        let done = try store.read {
            try $0.all("SELECT number, name FROM store_migration ORDER BY number") {
                "\($0.int(0)) \($0.text(1))"
            }
        }
        #expect(done == ["1 boxes", "2 lids"])
        #expect(try store.schemaText().contains("CREATE TABLE box_lid"))
    }

    @Test func `a step that changed stops the start`() throws {
        let place = try Room([])
        try open(place, [first])
        let changed = Migration(1, "boxes", first.sql + " ")
        #expect(throws: StoreFault.self) { try open(place, [changed]) }
    }

    @Test func `a store with a newer step is refused`() throws {
        let place = try Room([])
        try open(place, [first, second])
        #expect(throws: StoreFault.newer("migration 2 of boxes")) { try open(place, [first]) }
    }

    @Test func `numbers count from one without gaps`() throws {
        let place = try Room([])
        #expect(throws: StoreFault.self) { try open(place, [second]) }
    }

    @Test(arguments: [
        "CREATE TABLE other (id INTEGER PRIMARY KEY) STRICT",
        "CREATE TABLE box (id INTEGER PRIMARY KEY)",
        "CREATE TABLE boxes (id INTEGER PRIMARY KEY) STRICT",
        "CREATE VIRTUAL TABLE box USING fts4 (words)",
        "CREATE TABLE box (id INTEGER PRIMARY KEY) STRICT; COMMIT",
        "DROP TABLE store_migration",
        "CREATE TABLE box (id INTEGER PRIMARY KEY, up INTEGER REFERENCES box (id)) STRICT; INSERT INTO box VALUES (1, 2)",
        "CREATE TABLE box (id INTEGER PRIMARY KEY) STRICT; nonsense",
    ])
    func `a step that breaks a rule leaves nothing behind`(sql: String) throws {
        let place = try Room([])
        #expect(throws: StoreFault.self) { try open(place, [Migration(1, "bad", sql)]) }
        // The store still opens, and the step can be done right.
        try open(place, [first])
    }
}
