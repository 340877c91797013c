// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Foundation
import Kernel
import SealedStore
import Synchronization

let tables = """
    CREATE TABLE scan_movement (
        id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, item INTEGER NOT NULL,
        amount INTEGER NOT NULL, at_us INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE scan_level (item INTEGER PRIMARY KEY, amount INTEGER NOT NULL) STRICT;
    """
let insertText = "INSERT INTO scan_movement (uuid, item, amount, at_us) VALUES (?, ?, ?, ?)"
let levelText = """
    INSERT INTO scan_level (item, amount) VALUES (?, 1)
    ON CONFLICT (item) DO UPDATE SET amount = amount + 1
    """

func uuid(_ number: UInt64) -> [UInt8] {
    let time = DispatchTime.now().uptimeNanoseconds.bigEndian
    return withUnsafeBytes(of: time) { Array($0) } + withUnsafeBytes(of: number) { Array($0) }
}

final class SealedSide: Sendable {
    let store: SealedStore

    init(folder: String) throws {
        store = try SealedStore.open(
            folder: folder, key: try RootKey.random(),
            schemas: [
                RoomSchema(
                    room: "scan", prefix: "scan", migrations: [Migration(1, "scans", tables)])
            ],
            clock: { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)) })
    }

    func scan(_ number: UInt64) throws {
        let id = uuid(number)
        let item = Int64((number &* 0x9E37_79B9_7F4A_7C15) >> 50)
        try store.write { tx in
            try tx.run(insertText, [id, item, 1, tx.now])
            try tx.run(levelText, [item])
            tx.markTold()
        }
    }
}

/// The same in C, as far as it goes: one thread that commits whatever waits, in savepoints.
final class PlainSide: @unchecked Sendable {  // `condition` guards what changes; one thread writes.
    private final class Piece: @unchecked Sendable {  // Handed over under the lock.
        let id: [UInt8]
        let item: Int64
        let done = DispatchSemaphore(value: 0)
        init(_ id: [UInt8], _ item: Int64) {
            self.id = id
            self.item = item
        }
    }

    let handle: OpaquePointer
    private let condition = NSCondition()
    private var waiting: [Piece] = []
    private var statements: [String: OpaquePointer] = [:]

    init(path: String) throws {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        guard sqlite3_open_v2(path, &opened, flags, "unix-excl") == SQLITE_OK, let opened else {
            throw CocoaError(.fileReadUnknown)
        }
        handle = opened
        let settings = """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_spill = OFF;
            PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8000; PRAGMA foreign_keys = ON;
            PRAGMA temp_store = MEMORY;
            """
        guard sqlite3_exec(handle, settings + tables, nil, nil, nil) == SQLITE_OK else {
            throw CocoaError(.fileReadUnknown)
        }
        Thread { [self] in while true { turn() } }.start()
    }

    func scan(_ number: UInt64) throws {
        let item = Int64((number &* 0x9E37_79B9_7F4A_7C15) >> 50)
        let piece = Piece(uuid(number), item)
        condition.lock()
        waiting.append(piece)
        condition.signal()
        condition.unlock()
        piece.done.wait()
    }

    private func turn() {
        condition.lock()
        while waiting.isEmpty { condition.wait() }
        let batch = waiting
        waiting.removeAll(keepingCapacity: true)
        condition.unlock()
        run("BEGIN IMMEDIATE")
        for piece in batch {
            run("SAVEPOINT work")
            run(insertText) { statement in
                _ = piece.id.withUnsafeBytes { sluice_bind_blob(statement, 1, $0.baseAddress, 16) }
                sqlite3_bind_int64(statement, 2, piece.item)
                sqlite3_bind_int64(statement, 3, 1)
                sqlite3_bind_int64(statement, 4, Int64(Date().timeIntervalSince1970 * 1e6))
            }
            run(levelText) { sqlite3_bind_int64($0, 1, piece.item) }
            run("RELEASE work")
        }
        run("COMMIT")
        for piece in batch { piece.done.signal() }
    }

    func run(_ sql: String, _ bind: (OpaquePointer) -> Void = { _ in }) {
        var statement = statements[sql]
        if statement == nil {
            sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
            statements[sql] = statement
        }
        guard let statement else { return }
        bind(statement)
        while sqlite3_step(statement) == SQLITE_ROW {}
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }
}

/// Microseconds for one prepared point read: through the store, and with bare C calls.
func statementCosts(_ sealed: SealedSide, _ plain: PlainSide) throws -> String {
    let count = 300_000
    let sql = "SELECT amount FROM scan_level WHERE item = ?"
    let store = try sealed.store.read { tx in
        let start = processorMicroseconds()
        for item in 0..<count { _ = try tx.first(sql, [item & 4095]) { $0.int64(0) } }
        return (processorMicroseconds() - start) / Double(count)
    }
    var statement: OpaquePointer?
    sqlite3_prepare_v2(plain.handle, sql, -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    sqlite3_exec(plain.handle, "BEGIN", nil, nil, nil)
    defer { sqlite3_exec(plain.handle, "COMMIT", nil, nil, nil) }
    let start = processorMicroseconds()
    var sum: Int64 = 0
    for item in 0..<count {
        sqlite3_bind_int64(statement, 1, Int64(item & 4095))
        if sqlite3_step(statement) == SQLITE_ROW { sum &+= sqlite3_column_int64(statement, 0) }
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }
    let bare = (processorMicroseconds() - start) / Double(count)
    return "store \(two(store)), bare C \(two(bare)), more \(two(store - bare)) (sum \(sum))"
}

/// Processor time of a sum over all movements, sealed over plain, both with a cold small cache.
func scanRatio(_ sealed: SealedSide, _ plain: PlainSide) throws -> Double {
    let sql = "SELECT sum(amount), max(at_us), count(*) FROM scan_movement NOT INDEXED"
    func cost(_ rows: Int64, _ work: () throws -> Int64) rethrows -> (Double, Int64) {
        let start = processorMicroseconds()
        let count = try work()
        return (processorMicroseconds() - start, count)
    }
    let a = try cost(0) { try sealed.store.read { try $0.first(sql) { $0.int64(2) } ?? 0 } }
    sqlite3_exec(plain.handle, "PRAGMA cache_size = -16384", nil, nil, nil)
    sqlite3_db_release_memory(plain.handle)
    let b = cost(0) {
        var statement: OpaquePointer?
        sqlite3_prepare_v2(plain.handle, sql, -1, &statement, nil)
        defer { sqlite3_finalize(statement) }
        return sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 2) : 0
    }
    return (a.0 / Double(max(1, a.1))) / (b.0 / Double(max(1, b.1)))
}

/// Writes until there are a million movements, reads them all, and prints the memory held.
func growToAMillion(_ sealed: SealedSide) throws {
    while try sealed.store.read({ try $0.integer("SELECT count(*) FROM scan_movement") ?? 0 })
        < 1_000_000
    {
        _ = measure(64, 2) { try sealed.scan($0) }
    }
    for _ in 0..<4 {
        _ = try sealed.store.read { tx in
            try tx.integer("SELECT sum(amount) FROM scan_movement NOT INDEXED")
        }
    }
    print("resident at a million movements: \(residentMiB()) MiB")
    sealed.store.close()
}
