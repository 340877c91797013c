// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import CSodium
import Foundation
import Glibc

/// What one table holds: how many rows, and a hash over all of them in the order of their key.
package struct TableHash: Sendable, Equatable {
    package let table: String
    package let rows: Int
    /// BLAKE2b-256 in hexadecimal.
    package let hash: String
}

/// How the store does.
package struct StoreHealth: Sendable {
    /// Pages in the log that are not copied back for good.
    package let logPages: Int
    /// Work that waits for the writer.
    package let waiting: Int
    package let readersBusy: Int
    package let commits: Int
    package let works: Int
    /// Work that was refused or failed.
    package let failures: Int
    package let largestBatch: Int
    /// Batches by size: 1, 2–3, 4–7, and so on by powers of two; the last is 512 and more.
    package let batchSizes: [Int]
    /// Seconds that the writer was at work.
    package let writerSeconds: Double
    /// Pages and frames that did not open, and the last of them.
    package let damages: Int
    package let lastDamage: Damage?
    package let isFenced: Bool
}

extension SealedStore {
    package var health: StoreHealth {
        let figures = writer.snapshot
        let busy = figures.busy.components
        return StoreHealth(
            logPages: vault.logFrames, waiting: writer.queue.count, readersBusy: pool.busy,
            commits: figures.commits, works: figures.works, failures: figures.failures,
            largestBatch: figures.largest, batchSizes: figures.sizes,
            writerSeconds: Double(busy.seconds) + Double(busy.attoseconds) / 1e18,
            damages: vault.damageCount, lastDamage: vault.lastDamage, isFenced: vault.isFenced)
    }

    /// Reads every page, row and index. Returns what is wrong, nothing when all is well.
    package func integrityCheck() throws -> [String] {
        try read { tx in
            let pages = try tx.all("PRAGMA integrity_check(100)") { $0.text(0) }
            let keys = try tx.all("PRAGMA foreign_key_check") { row in
                "row \(row.int64OrNil(1) ?? 0) of \(row.text(0)) points at nothing in \(row.text(2))"
            }
            return pages.filter { $0 != "ok" } + keys
        }
    }

    /// All CREATE statements by name, as the golden file of the schema holds them.
    package func schemaText() throws -> String {
        let statements = try read { tx in
            try tx.all(
                """
                SELECT s.sql FROM sqlite_schema AS s
                LEFT JOIN pragma_table_list AS l ON l.schema = 'main' AND l.name = s.tbl_name
                WHERE s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                    AND coalesce(l.type, '') <> 'shadow'
                ORDER BY s.tbl_name, s.type <> 'table', s.type, s.name
                """
            ) { $0.text(0) }
        }
        return statements.map { $0 + ";\n" }.joined(separator: "\n")
    }

    /// Row count and hash of every table with rows of its own, by name.
    ///
    /// - Parameter progress: rows done, and rows in all; called after each table and each
    ///   `hashesTold` rows.
    package func tableHashes(
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> [TableHash] {
        try read { try $0.tableHashes(progress: progress) }
    }

    /// Copies the store, sealed as it is, to `folder`, while the writer waits. The copy is flushed
    /// to disk and opens with the same key.
    ///
    /// - Parameter ledger: path of the copy's generation ledger; nil for its usual place.
    /// - Throws: `StoreFault.system` when the folder has a store already or cannot be written.
    package func copy(to folder: String, ledger: String? = nil) throws {
        guard !writer.isCurrentThread else { throw StoreFault.wouldDeadlock }
        let answer = Answer<Void>()
        try writer.queue.putAlone { [copier, vault] connection in
            answer.give(
                Result { try copier.paused { try copyFiles(vault, connection, folder, ledger) } })
        }
        try answer.wait()
    }
}

extension ReadTransaction {
    /// Row count and hash of every table with rows of its own, by name, in this view.
    package func tableHashes(
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> [TableHash] {
        let tables = try all(
            """
            SELECT name, wr FROM pragma_table_list
            WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            ORDER BY name
            """
        ) { (name: $0.text(0), isWithoutRowID: $0.bool(1)) }
        let total = try tables.reduce(0) { sum, table in
            sum + Int(try integer("SELECT count(*) FROM \(quoted(table.name))") ?? 0)
        }
        var done = 0
        return try tables.map { table in
            let hash = try hash(of: table.name, isWithoutRowID: table.isWithoutRowID) {
                progress(done + $0, total)
            }
            done += hash.rows
            progress(done, total)
            return hash
        }
    }

    fileprivate func hash(
        of table: String, isWithoutRowID: Bool, progress: (Int) -> Void
    ) throws -> TableHash {
        let name = quoted(table)
        let columns = try all(
            "SELECT name, pk FROM pragma_table_info(?) ORDER BY pk", [table]
        ) { (name: $0.text(0), key: $0.int(1)) }
        let keys = columns.filter { $0.key > 0 }.map { quoted($0.name) }
        let order = isWithoutRowID ? keys.joined(separator: ", ") : "rowid"
        let hash = RowHash()
        var rows = 0
        try each("SELECT * FROM \(name) ORDER BY \(order)") { row in
            rows += 1
            hash.add(row)
            if rows % hashesTold == 0 { progress(rows) }
        }
        return TableHash(table: table, rows: rows, hash: hash.text())
    }
}

/// Rows between two tellings of how far a hash over all tables has come.
private let hashesTold = 20_000

private func quoted(_ name: String) -> String {
    "\"" + name.replacingOccurrences(of: "\"", with: "\"\"") + "\""
}

/// A BLAKE2b-256 over rows: each value with its type and length, so that no two rows look alike.
private final class RowHash {
    /// libsodium's state, whose type Swift does not import; it must lie at a multiple of 64.
    private let memory: UnsafeMutableRawPointer
    private let state: OpaquePointer

    init() {
        memory = .allocate(byteCount: crypto_generichash_statebytes(), alignment: 64)
        state = OpaquePointer(memory)
        crypto_generichash_init(state, nil, 0, 32)
    }

    deinit { memory.deallocate() }

    func add(_ row: Row) {
        let statement = row.statement.pointer
        for column in 0..<sqlite3_column_count(statement) {
            let type = sqlite3_column_type(statement, column)
            var bytes: [UInt8] = [UInt8(truncatingIfNeeded: type)]
            if type == SQLITE_INTEGER || type == SQLITE_FLOAT {
                let value =
                    type == SQLITE_INTEGER
                    ? UInt64(bitPattern: sqlite3_column_int64(statement, column))
                    : sqlite3_column_double(statement, column).bitPattern
                withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
            } else if type != SQLITE_NULL, let start = sqlite3_column_blob(statement, column) {
                let count = Int(sqlite3_column_bytes(statement, column))
                withUnsafeBytes(of: UInt64(count).littleEndian) { bytes.append(contentsOf: $0) }
                bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
            }
            crypto_generichash_update(state, bytes, UInt64(bytes.count))
        }
    }

    func text() -> String {
        var out = [UInt8](repeating: 0, count: 32)
        crypto_generichash_final(state, &out, 32)
        return hexadecimal(out)
    }
}

/// Copies main file and log byte for byte; on the writer's thread, while nothing is written.
///
/// The main file is read through SQLite's own descriptor: closing another one on the same file
/// would drop the locks that this process holds on it (POSIX).
///
/// Nothing is copied back meanwhile, so main file, log and tag table belong together as they would
/// after a crash. The ledger comes last: without it the copy does not open.
private func copyFiles(
    _ vault: Vault, _ connection: Connection, _ folder: String, _ ledger: String?
) throws {
    if !DiskWatch.may(.makeFolder(folder)) || mkdir(folder, 0o700) != 0, errno != EEXIST {
        throw StoreFault.system(SystemFault("mkdir \(folder)"))
    }
    var found: UnsafeMutableRawPointer?
    let code = sqlite3_file_control(
        connection.handle, "main", SQLITE_FCNTL_FILE_POINTER, &found)
    guard code == SQLITE_OK, let main = found?.assumingMemoryBound(to: sluice_file.self) else {
        throw StoreFault.closed
    }
    let target = folder + "/" + SealedStore.fileName
    do {
        try copyBytes(to: target) { buffer, offset in
            var size: Int64 = 0
            guard sluice_size(main, &size) == SQLITE_OK else { return -1 }
            let count = min(buffer.count, Int(size) - offset)
            guard count > 0 else { return 0 }
            let code = sluice_read(main, buffer.baseAddress, Int32(count), Int64(offset))
            return code == SQLITE_OK ? count : -1
        }
        for part in ["-wal", "-tags"] {
            let file = open(vault.path + part, O_RDONLY | O_CLOEXEC)
            if file >= 0 {
                defer { close(file) }
                try copyBytes(to: target + part) { pread(file, $0.baseAddress, $0.count, $1) }
            } else if errno != ENOENT {
                throw SystemFault("open \(vault.path)\(part)")
            }
        }
        try Disk.flushFolder(of: target)
        try vault.freshness?.makeLedger(
            ofCopyAt: ledger ?? Freshness.ledgerPath(of: Disk.resolved(folder) ?? folder))
    } catch let fault as SystemFault {
        throw StoreFault.system(fault)
    }
}

private func copyBytes(
    to path: String, _ read: (UnsafeMutableRawBufferPointer, Int) -> Int
) throws {
    let isFree = DiskWatch.may(.create(path))
    let file = isFree ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600) : -1
    guard file >= 0 else { throw SystemFault("open \(path)") }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var offset = 0
    while true {
        let count = buffer.withUnsafeMutableBytes { read($0, offset) }
        guard count >= 0 else { throw SystemFault("read for \(path)") }
        if count == 0 { break }
        try Disk.append(buffer[..<count], to: file, at: offset, of: path)
        offset += count
    }
    guard DiskWatch.may(.flush(path)), fsync(file) == 0 else { throw SystemFault("fsync \(path)") }
}
