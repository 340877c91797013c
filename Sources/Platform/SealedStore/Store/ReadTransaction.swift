// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
package import Kernel

/// One consistent view of the store, for the length of a block. Not for other threads.
///
/// Every method throws `StoreFault.ended` after the block, and `StoreFault` for what SQLite
/// refuses. Statements are compiled once for each connection: keep their texts constant.
@usableFromInline
package class ReadTransaction {
    /// The instant of the whole transaction.
    package let now: Instant
    let connection: Connection
    @usableFromInline
    let memory: Memory?
    private var hasEnded = false

    init(_ connection: Connection, now: Instant) {
        self.connection = connection
        memory = connection.memory
        self.now = now
    }

    func end() { hasEnded = true }

    /// Calls `body` with each row in turn, until it returns false.
    fileprivate final func scan(
        _ sql: String, _ arguments: [any SQLBindable], _ body: (Row) throws -> Bool
    ) throws {
        let statement = try begin(sql, arguments)
        defer { connection.release(statement) }
        try admit(statement)
        while try connection.step(statement) {
            let goesOn = try body(Row(statement: statement))
            guard statement.nullColumn == Prepared.none else {
                throw StoreFault.unexpectedNull(column: statement.nullColumn, sql: sql)
            }
            guard goesOn else { break }
        }
    }

    func begin(_ sql: String, _ arguments: [any SQLBindable]) throws -> Prepared {
        guard !hasEnded else { throw StoreFault.ended }
        let statement = try connection.acquire(sql)
        do {
            try connection.bind(arguments, to: statement)
        } catch {
            connection.release(statement)
            throw error
        }
        return statement
    }

    /// Refuses a statement that writes; the write transaction allows it.
    func admit(_ statement: Prepared) throws {
        guard statement.isReadOnly else {
            throw StoreFault.statement(
                code: SQLITE_READONLY, message: "a read transaction cannot write",
                sql: statement.sql)
        }
    }

    /// The first row, as `map` makes it; nil when there is none.
    package final func first<T>(
        _ sql: String, _ arguments: [any SQLBindable] = [], _ map: (Row) throws -> T
    ) throws -> T? {
        var found: T?
        try scan(sql, arguments) {
            found = try map($0)
            return false
        }
        return found
    }

    /// All rows, as `map` makes them.
    package final func all<T>(
        _ sql: String, _ arguments: [any SQLBindable] = [], _ map: (Row) throws -> T
    ) throws -> [T] {
        var rows: [T] = []
        try scan(sql, arguments) {
            rows.append(try map($0))
            return true
        }
        return rows
    }

    /// Calls `body` with each row in turn, without keeping any.
    package final func each(
        _ sql: String, _ arguments: [any SQLBindable] = [], _ body: (Row) throws -> Void
    ) throws {
        try scan(sql, arguments) {
            try body($0)
            return true
        }
    }

    /// The first column of the first row; nil when there is no row or it is NULL.
    package final func integer(
        _ sql: String, _ arguments: [any SQLBindable] = []
    ) throws -> Int64? {
        try first(sql, arguments) { $0.int64OrNil(0) } ?? nil
    }

    /// The first column of the first row as text; nil when there is no row or it is NULL.
    package final func text(_ sql: String, _ arguments: [any SQLBindable] = []) throws -> String? {
        try first(sql, arguments) { $0.textOrNil(0) } ?? nil
    }
}

@available(*, unavailable)
extension ReadTransaction: Sendable {}
