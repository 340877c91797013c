// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Synchronization
import Testing

@testable import SealedStore

@Suite struct StoreTests {
    @Test func `what was written is read back after a restart`() throws {
        let room = try Room()
        var store = try room.open()
        let id = try store.add("screw", amount: 3, filling: [1, 2, 3])
        store.close()
        #expect(room.size(of: room.log) == nil)
        store = try room.open()
        defer { store.close() }
        let row = try store.read { tx in
            try tx.first(
                "SELECT id, name, amount, note, filling FROM thing WHERE name = ?", ["screw"]
            ) {
                ($0.int64(0), $0.text(1), $0.int(2), $0.textOrNil(3), $0.bytes(4))
            }
        }
        #expect(row?.0 == id)
        #expect(row?.1 == "screw")
        #expect(row?.2 == 3)
        #expect(row?.3 == nil)
        #expect(row?.4 == [1, 2, 3])
        #expect(try store.integrityCheck() == [])
    }

    @Test func `every kind of argument comes back as it went`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let at = Instant(microseconds: 1_700_000_000_000_001)
        let absent: String? = nil
        let present: Int64? = 7
        let slice = [9, 8, 7, 6].map { UInt8($0) }[1..<3]
        let arguments: [any SQLBindable] = [
            Int64.min, Int.max, true, "", "字 with ünïcode", [UInt8](), slice, absent, present, at,
        ]
        let marks = arguments.map { _ in "?" }.joined(separator: ", ")
        let row = try store.read { tx in
            try tx.first("SELECT \(marks)", arguments) {
                (
                    $0.int64(0), $0.int(1), $0.bool(2), $0.text(3), $0.text(4), $0.bytesOrNil(5),
                    $0.bytes(6), $0.textOrNil(7), $0.int64OrNil(8), $0.instant(9)
                )
            }
        }
        #expect(row?.0 == .min)
        #expect(row?.1 == .max)
        #expect(row?.2 == true)
        #expect(row?.3 == "")
        #expect(row?.4 == "字 with ünïcode")
        #expect(row?.5 == [])
        #expect(row?.6 == [8, 7])
        #expect(row?.7 == .none)
        #expect(row?.8 == 7)
        #expect(row?.9 == at)
    }

    @Test func `reading NULL where none is expected is a fault`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        #expect(throws: StoreFault.unexpectedNull(column: 0, sql: "SELECT NULL")) {
            try store.read { try $0.first("SELECT NULL") { $0.int64(0) } }
        }
    }

    @Test func `a wrong number of arguments, a second statement and a write while reading fail`()
        throws
    {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        #expect(throws: StoreFault.self) { try store.read { try $0.integer("SELECT ?") } }
        #expect(throws: (any Error).self) {
            try store.read { try $0.integer("SELECT 1; SELECT 2") }
        }
        #expect(throws: StoreFault.self) {
            try store.read { try $0.each("DELETE FROM thing") { _ in } }
        }
    }

    @Test func `the same statement may run inside itself`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        for name in ["a", "b", "c"] { try store.add(name) }
        let sql = "SELECT name FROM thing ORDER BY id"
        let pairs = try store.read { tx in
            try tx.all(sql) { outer in try tx.all(sql) { outer.text(0) + $0.text(0) } }.flatMap {
                $0
            }
        }
        #expect(pairs == ["aa", "ab", "ac", "ba", "bb", "bc", "ca", "cb", "cc"])
    }

    @Test func `a transaction is of no use after its block`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        var kept: ReadTransaction?
        try store.read { kept = $0 }
        #expect(throws: StoreFault.ended) { try kept?.integer("SELECT 1") }
    }

    @Test func `rules of the schema come out with kind and name`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        try store.add("one")
        #expect(throws: StoreFault.constraint(.unique, "thing.name")) { try store.add("one") }
        #expect(throws: StoreFault.constraint(.check, "amount_positive")) {
            try store.add("two", amount: -1)
        }
        #expect(throws: StoreFault.constraint(.foreignKey, "")) {
            try store.write { tx in
                tx.markTold()
                try tx.run("INSERT INTO thing_part (thing_id) VALUES (99)")
            }
        }
        #expect(throws: StoreFault.constraint(.foreignKey, "")) {
            try store.write { tx in
                tx.markTold()
                try tx.run("INSERT INTO thing_part (thing_id, later_id) VALUES (1, 99)")
            }
        }
        #expect(throws: StoreFault.constraint(.notNull, "thing.name")) {
            try store.write { try $0.run("INSERT INTO thing (name) VALUES (NULL)") }
        }
        #expect(
            throws: StoreFault.constraint(
                .dataType, "cannot store TEXT value in INTEGER column thing.amount")
        ) {
            try store.write { try $0.run("INSERT INTO thing (name, amount) VALUES ('x', 'y')") }
        }
        #expect(try store.count() == 1)
    }

    @Test func `a busy pool answers at once when asked to`() throws {
        let room = try Room()
        let store = try room.open(readers: 1)
        defer { store.close() }
        let inner: Int64?? = try store.read { _ in
            try store.readIfFree { try $0.integer("SELECT 1") }
        }
        #expect(inner == .some(nil) || inner == nil)
        #expect(try store.readIfFree { try $0.integer("SELECT 1") } == 1)
    }

    @Test func `a store is open once`() throws {
        let room = try Room()
        let store = try room.open()
        #expect(throws: StoreFault.inUse) { try room.open() }
        store.close()
        #expect(throws: StoreFault.closed) { try store.count() }
        #expect(throws: StoreFault.closed) { try store.add("late") }
        try room.open().close()
    }

    @Test func `hashes of tables change with a row and not with a copy`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        for index in 0..<20 {
            try store.add("thing \(index)", filling: [UInt8](repeating: 7, count: index))
        }
        let before = try store.tableHashes()
        #expect(before.map(\.table) == ["store_migration", "thing", "thing_pair", "thing_part"])
        let folder = room.folder + "-copy"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try store.copy(to: folder)
        let copy = try SealedStore.open(
            folder: folder, key: room.key, schemas: room.schemas, clock: Room.clock)
        #expect(try copy.tableHashes() == before)
        #expect(try copy.integrityCheck() == [])
        copy.close()
        try store.add("one more")
        #expect(try store.tableHashes() != before)
    }

    @Test func `the log is copied back while writing goes on, and cut when the store closes`()
        throws
    {
        let room = try Room()
        let store = try room.open()
        let filling = [UInt8](repeating: 1, count: 40_000)
        var highest = 0
        for index in 0..<2_600 {
            try store.add("big \(index)", filling: filling)
            highest = max(highest, store.health.logPages)
        }
        // 2,600 × 11 pages went through a log that is copied back from 8,000 pages on.
        #expect(highest < CopyPace.usual.most + 100)
        #expect(store.health.commits >= 2_600)
        store.close()
        #expect(room.size(of: room.log) == nil)
        let again = try room.open()
        #expect(try again.count() == 2_600)
        again.close()
    }
}
