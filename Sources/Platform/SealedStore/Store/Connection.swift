// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import GRDB

/// A compiled statement, kept for the next time its text is asked for.
final class Prepared {
    let pointer: OpaquePointer
    let parameterCount: Int32
    let isReadOnly: Bool
    /// What it writes to; nil when it only reads, or when nothing is remembered here.
    let target: WriteTarget?
    var isInUse = false
    /// A column that was read as if it were never NULL, and was.
    var nullColumn = Prepared.none
    let sql: String
    /// Owns `pointer`.
    private let statement: Statement

    static let none = -1

    /// - Parameter sql: the text as it was asked for; GRDB's own copy has its ends trimmed.
    init(_ statement: Statement, _ sql: String, _ memory: Memory?) {
        self.statement = statement
        self.sql = sql
        pointer = statement.sqliteStatement
        parameterCount = sqlite3_bind_parameter_count(pointer)
        isReadOnly = sqlite3_stmt_readonly(pointer) != 0
        target = isReadOnly ? nil : memory.map { WriteTarget(sql, in: $0) }
    }
}

/// One connection to the store, with its compiled statements.
///
/// Everything but `init` and `close` happens inside `use`, which runs one block at a time.
final class Connection: @unchecked Sendable {  // `use` serialises all access to its state.
    let vault: Vault
    private let queue: DatabaseQueue
    private let database: Database
    let handle: OpaquePointer
    private var statements: [String: Prepared] = [:]
    private var recent = Connection.noneRecent
    private static let recentCount = 256
    private static var noneRecent: [Prepared?] { Array(repeating: nil, count: recentCount) }
    /// What the writer remembers; nil on connections that do not see every change.
    let memory: Memory?

    /// What the connection is for.
    struct Purpose {
        let label: String
        /// Page cache at most, in KiB. Every page that is not in it costs an opening.
        let cacheKiB: Int
        let isReadOnly: Bool
        /// Whether it is the one connection through which all changes go.
        var remembers = false
        /// Compiled statements at most; when more texts come, all are let go.
        let statements: Int

        static let writer = Purpose(
            label: "writer", cacheKiB: 24 << 10, isReadOnly: false, remembers: true,
            statements: 512)
        static let reader = Purpose(
            label: "reader", cacheKiB: 8 << 10, isReadOnly: true, statements: 256)
        /// Copies the log back; that reads no page through the cache.
        static let copier = Purpose(
            label: "copier", cacheKiB: 64, isReadOnly: false, statements: 8)
    }

    private let purpose: Purpose

    init(_ vault: Vault, _ purpose: Purpose) throws {
        self.vault = vault
        self.purpose = purpose
        memory = purpose.remembers ? Memory() : nil
        var configuration = Configuration()
        configuration.label = purpose.label
        configuration.foreignKeysEnabled = true
        configuration.busyMode = purpose.isReadOnly ? .timeout(5) : .immediateError
        // A transaction that stays open is our fault to report, not a reason to trap.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            try Connection.prepare(database, purpose)
        }
        do {
            queue = try DatabaseQueue(path: vault.path, configuration: configuration)
            database = queue.inDatabase { $0 }
            guard let handle = database.sqliteConnection else { throw StoreFault.closed }
            self.handle = handle
        } catch {
            throw StoreFault.of(error, vault: vault)
        }
    }

    private static func prepare(_ database: Database, _ purpose: Purpose) throws {
        guard let handle = database.sqliteConnection else { throw StoreFault.closed }
        guard sluice_defend(handle) == SQLITE_OK, sluice_distrust_schema(handle) == SQLITE_OK
        else { throw StoreFault.engine("SQLite cannot defend its schema") }
        sqlite3_extended_result_codes(handle, 1)
        // A spilled cache loses commits in SQLite 3.40.1, see the hazards in docs/decisions.
        let settings: [(name: String, value: String, reads: String)] = [
            ("synchronous", "FULL", "2"), ("cache_spill", "OFF", "0"),
            ("temp_store", "MEMORY", "2"), ("wal_autocheckpoint", "0", "0"),
            ("cache_size", "-\(purpose.cacheKiB)", "-\(purpose.cacheKiB)"),
            ("cell_size_check", "ON", "1"), ("foreign_keys", "ON", "1"),
            // Without it a REPLACE removes rows behind the back of the triggers that forbid it.
            ("recursive_triggers", "ON", "1"),
            ("query_only", purpose.isReadOnly ? "ON" : "OFF", purpose.isReadOnly ? "1" : "0"),
        ]
        for setting in settings {
            try database.execute(sql: "PRAGMA \(setting.name) = \(setting.value)")
        }
        let expected = settings.map { ($0.name, $0.reads) } + [("page_size", "\(Format.page)")]
        for (name, reads) in expected {
            let found = try String.fetchOne(database, sql: "PRAGMA \(name)")
            guard found == reads else {
                throw StoreFault.engine("\(name) is \(found ?? "unknown"), not \(reads)")
            }
        }
    }

    /// Runs `body` with the connection to itself.
    func use<T>(_ body: (Connection) throws -> T) rethrows -> T {
        try queue.inDatabase { _ in try body(self) }
    }

    /// Lets all statements go and closes. The log is copied back by whoever closes last.
    func close() {
        queue.inDatabase { _ in
            statements.removeAll()
            recent = Connection.noneRecent
        }
        try? queue.close()
    }

    // MARK: Statements

    /// The compiled statement for `sql`, marked as in use until it is released.
    func acquire(_ sql: String) throws -> Prepared {
        let slot = Connection.slot(of: sql)
        if let slot, let recent = recent[slot], !recent.isInUse, recent.sql == sql {
            recent.isInUse = true
            return recent
        }
        let prepared = try find(sql)
        if let slot, statements[sql] === prepared { recent[slot] = prepared }
        return prepared
    }

    /// The place of a text among the recent ones, by where it lies in memory: nearly all texts are
    /// constants, and to compare one with itself costs nothing, while to hash it costs as much as
    /// running a short statement does. Nil for a text that lies in no one place.
    private static func slot(of sql: String) -> Int? {
        sql.utf8.withContiguousStorageIfAvailable { bytes in
            Int(bitPattern: bytes.baseAddress) >> 4 & (recentCount - 1)
        }
    }

    private func find(_ sql: String) throws -> Prepared {
        if let known = statements[sql] {
            guard known.isInUse else {
                known.isInUse = true
                return known
            }
            return try compile(sql)
        }
        if statements.count >= purpose.statements {
            statements = statements.filter { $0.value.isInUse }
            recent = Connection.noneRecent
        }
        let fresh = try compile(sql)
        statements[sql] = fresh
        return fresh
    }

    private func compile(_ sql: String) throws -> Prepared {
        do {
            let prepared = Prepared(try database.makeStatement(sql: sql), sql, memory)
            prepared.isInUse = true
            return prepared
        } catch {
            throw StoreFault.of(error, vault: vault)
        }
    }

    func release(_ statement: Prepared) {
        sqlite3_reset(statement.pointer)
        sqlite3_clear_bindings(statement.pointer)
        statement.nullColumn = Prepared.none
        statement.isInUse = false
    }

    func bind(_ arguments: [any SQLBindable], to statement: Prepared) throws {
        guard arguments.count == Int(statement.parameterCount) else {
            throw StoreFault.statement(
                code: SQLITE_MISUSE,
                message: "\(statement.parameterCount) arguments asked, \(arguments.count) given",
                sql: statement.sql)
        }
        var index: Int32 = 1
        for argument in arguments {
            let code = argument.bind(to: ArgumentSlot(statement: statement.pointer, index: index))
            guard code == SQLITE_OK else { throw fault(code, statement.sql) }
            index += 1
        }
    }

    /// Goes to the next row. Returns false when there is none.
    func step(_ statement: Prepared) throws -> Bool {
        let code = sqlite3_step(statement.pointer)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        throw fault(code, statement.sql)
    }

    func fault(_ code: Int32, _ sql: String) -> StoreFault {
        let extended = sqlite3_extended_errcode(handle)
        return StoreFault.of(
            code: extended & 0xFF == code & 0xFF ? extended : code,
            message: String(cString: sqlite3_errmsg(handle)), sql: sql, vault: vault)
    }

    /// Runs a statement without arguments and rows, such as COMMIT.
    func command(_ sql: String) throws {
        let statement = try acquire(sql)
        defer { release(statement) }
        while try step(statement) {}
    }

    /// Runs any number of statements, for migrations.
    ///
    /// - Parameter admit: sees the text of each statement before it runs, and may throw.
    func script(_ sql: String, admit: (String) throws -> Void) throws {
        do {
            let statements = try database.allStatements(sql: sql)
            while let statement = try statements.next() {
                try admit(statement.sql)
                try statement.execute()
            }
        } catch {
            throw StoreFault.of(error, vault: vault)
        }
    }

    // MARK: Transactions

    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Undoes the open transaction, if SQLite has not done so itself.
    func abandon() {
        memory?.undo()
        memory?.settle()
        if isInTransaction { try? command("ROLLBACK") }
    }

    /// Rows changed on this connection so far, triggers and foreign keys included.
    var totalChanges: Int64 { sqlite3_total_changes64(handle) }

    /// Whether a deferred foreign key waits for the commit, broken.
    var owesForeignKeys: Bool {
        var current: Int32 = 0
        var highest: Int32 = 0
        let code = sqlite3_db_status(
            handle, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0)
        return code != SQLITE_OK || current != 0
    }
}
