// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
package import Kernel

/// One piece of work on the writer's thread. All of it happens, or nothing.
@usableFromInline
package final class WriteTransaction: ReadTransaction {
    private let changesBefore: Int64
    private var untoldAllowed: Int64 = 0
    private var hasTold = false
    /// From where this work was asked for; the journal keeps it. Nil for the box's own.
    package var origin: Origin?

    override init(_ connection: Connection, now: Instant) {
        changesBefore = connection.totalChanges
        super.init(connection, now: now)
    }

    /// SQLite may have given the transaction up in the midst of the work, at a full disk for example;
    /// what came after that would be kept by itself.
    override func begin(_ sql: String, _ arguments: [any SQLBindable]) throws -> Prepared {
        guard connection.isInTransaction else { throw StoreFault.ended }
        return try super.begin(sql, arguments)
    }

    override func admit(_ statement: Prepared) throws {
        if let target = statement.target { connection.memory?.note(target) }
    }

    /// Whether rows changed that must be told.
    var hasChanged: Bool { connection.totalChanges - changesBefore > untoldAllowed }

    /// Whether rows changed and nothing was told.
    var isUntold: Bool { !hasTold && hasChanged }

    /// Runs a statement that changes rows. Returns how many, without those of triggers.
    @discardableResult
    package func run(_ sql: String, _ arguments: [any SQLBindable] = []) throws -> Int {
        let statement = try begin(sql, arguments)
        defer { connection.release(statement) }
        while try connection.step(statement) {}
        guard !statement.isReadOnly else { return 0 }
        let count = Int(sqlite3_changes64(connection.handle))
        if count > 0, let target = statement.target { connection.memory?.note(target) }
        return count
    }

    /// Runs an INSERT. Returns the row id of the new row.
    @discardableResult
    package func insert(_ sql: String, _ arguments: [any SQLBindable] = []) throws -> Int64 {
        try run(sql, arguments)
        return sqlite3_last_insert_rowid(connection.handle)
    }

    /// Like `run`, for rows of the platform that are no news to anybody: cursors, run logs.
    @discardableResult
    package func runUntold(_ sql: String, _ arguments: [any SQLBindable] = []) throws -> Int {
        let before = connection.totalChanges
        let count = try run(sql, arguments)
        untoldAllowed += connection.totalChanges - before
        return count
    }

    /// Does `work` wholly or not at all. Returns why it was refused, nil when it was done; what is
    /// no refusal is thrown on.
    package func attempt(_ work: () throws -> Void) throws -> (any Refusal)? {
        try run("SAVEPOINT attempt")
        do {
            try work()
            try run("RELEASE attempt")
            return nil
        } catch let refusal as any Refusal {
            connection.memory?.undo()
            try run("ROLLBACK TO attempt")
            try run("RELEASE attempt")
            return refusal
        }
    }

    /// Says that this work has told the journal. Only the journal calls it.
    package func markTold() { hasTold = true }
}
