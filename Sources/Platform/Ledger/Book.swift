// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import SealedStore

/// Double entry for anything that can be counted.
///
/// A book has accounts (where something is), units (what is counted) and transfers: an amount of
/// one unit goes from one account to another. One row names both sides, so a book cannot be out
/// of balance: over all accounts every unit sums to zero. Transfers are never changed or removed;
/// balances are kept beside them and can be recomputed at any time (`verify`).
///
/// The tables carry the prefix of the room that keeps the book, and are that room's own: it may
/// join them in its Store, but writes them through `post` only. What else the room wants to know of
/// a transfer are columns of the same row, so that a posting is one row and not two.
package struct Book: Sendable {
    /// Prefix of the tables: `stock` keeps `stock_balance`.
    package let prefix: String
    /// The table of transfers, by the room's own word for them: `stock_movement`.
    package let transfers: String
    /// Accounts that may go below zero, because they are the other side: a supplier, a customer.
    package let outside: ClosedRange<Int64>
    private let details: [Detail]
    private let lastID: Memo<Int, Int64>

    /// The most that one transfer moves: a billion of a unit with six decimals. Balances and their
    /// sums stay far from the end of their integers with it.
    package static let amountMax: Int64 = 1_000_000_000_000_000

    /// A column that the room keeps with each transfer.
    package struct Detail: Sendable {
        let name: String
        let definition: String

        /// - Parameter definition: type and constraints, as in CREATE TABLE.
        package init(_ name: String, _ definition: String) {
            self.name = name
            self.definition = definition
        }
    }

    private let insertTransfer: String
    private let addToBalance: String
    private let takeFromBalance: String
    private let insertBalance: String
    private let selectBalance: String

    package init(
        prefix: String, transfer: String, outside: ClosedRange<Int64>, details: [Detail] = []
    ) {
        self.prefix = prefix
        self.outside = outside
        self.details = details
        transfers = "\(prefix)_\(transfer)"
        lastID = Memo(of: "\(prefix)_\(transfer)", outlivesInserts: true)
        let names = ["id", "at_us", "source", "target", "unit", "amount"] + details.map(\.name)
        insertTransfer = """
            INSERT INTO \(prefix)_\(transfer) (\(names.joined(separator: ", ")))
            VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))
            """
        addToBalance = """
            UPDATE \(prefix)_balance SET amount = amount + ?, moved_us = ?
            WHERE unit = ? AND account = ?
            """
        takeFromBalance = """
            UPDATE \(prefix)_balance SET amount = amount - ?1, moved_us = ?2
            WHERE unit = ?3 AND account = ?4 AND (outside = 1 OR amount >= ?1)
            """
        insertBalance = """
            INSERT INTO \(prefix)_balance (unit, account, outside, amount, moved_us)
            VALUES (?, ?, ?, ?, ?)
            """
        selectBalance = "SELECT amount FROM \(prefix)_balance WHERE unit = ? AND account = ?"
    }

    /// The statements that create the book's tables, for the first migration of the room.
    ///
    /// An account's transfers are found by index, one a side. The outside has none, since nearly
    /// every transfer touches it: its own are found by walking through all.
    package var schema: String {
        """
        CREATE TABLE \(transfers) (
            id INTEGER PRIMARY KEY,
            at_us INTEGER NOT NULL,
            source INTEGER NOT NULL,
            target INTEGER NOT NULL CHECK (target <> source),
            unit INTEGER NOT NULL,
            amount INTEGER NOT NULL CHECK (amount > 0)\(
                details.map { ",\n    \($0.name) \($0.definition)" }.joined())
        ) STRICT;
        CREATE INDEX \(transfers)_source ON \(transfers) (source, id)
            WHERE \(inside("source"));
        CREATE INDEX \(transfers)_target ON \(transfers) (target, id)
            WHERE \(inside("target"));
        CREATE TRIGGER \(transfers)_stays BEFORE UPDATE ON \(transfers)
        BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
        CREATE TRIGGER \(transfers)_remains BEFORE DELETE ON \(transfers)
        BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
        CREATE TABLE \(prefix)_balance (
            unit INTEGER NOT NULL,
            account INTEGER NOT NULL,
            outside INTEGER NOT NULL CHECK (outside IN (0, 1)),
            amount INTEGER NOT NULL CHECK (outside = 1 OR amount >= 0),
            moved_us INTEGER NOT NULL,
            PRIMARY KEY (unit, account)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX \(prefix)_balance_account ON \(prefix)_balance (account, unit);
        """
    }

    /// The condition under which a side of a transfer is in its index. A query for an account that
    /// is inside says it, too, so that SQLite sees that the index fits.
    package func inside(_ side: String) -> String { "\(side) > \(outside.upperBound)" }

    /// Moves `amount` (> 0, in the unit's smallest part) of `unit` from `source` to `target`.
    ///
    /// - Parameter record: makes the room's record of the transfer of that id, with the room's own
    ///   columns in their order.
    /// - Returns: the record. Ids rise with time, without gaps.
    /// - Throws: `LedgerRefusal` when an inside account would go below zero, when the accounts are
    ///   the same, or the amount is not above zero or above `amountMax`. Nothing is changed then.
    package func post<Record>(
        _ amount: Int64, of unit: Int64, from source: Int64, to target: Int64,
        in tx: WriteTransaction,
        record: (Int64) throws -> (record: Record, details: [any SQLBindable])
    ) throws -> Record {
        guard amount > 0 else { throw LedgerRefusal.amountNotPositive }
        guard amount <= Self.amountMax else {
            throw LedgerRefusal.amountTooLarge(most: Self.amountMax)
        }
        guard source != target else { throw LedgerRefusal.sameAccount }
        try take(amount, of: unit, from: source, in: tx)
        try add(amount, of: unit, to: target, in: tx)
        let last = try tx.remembered(lastID, 0) {
            try tx.integer("SELECT max(id) FROM \(transfers)")
        }
        let id = (last ?? 0) + 1
        let made = try record(id)
        try tx.run(insertTransfer, [id, tx.now, source, target, unit, amount] + made.details)
        tx.remember(lastID, 0, id)
        return made.record
    }

    /// Moves `amount` in a book that keeps no details. Returns the transfer's id.
    package func post(
        _ amount: Int64, of unit: Int64, from source: Int64, to target: Int64,
        in tx: WriteTransaction
    ) throws -> Int64 {
        try post(amount, of: unit, from: source, to: target, in: tx) { ($0, []) }
    }

    /// What `account` holds of `unit`, 0 when it never held any.
    package func balance(of unit: Int64, in account: Int64, _ tx: ReadTransaction) throws -> Int64 {
        try tx.integer(selectBalance, [unit, account]) ?? 0
    }

    private func take(
        _ amount: Int64, of unit: Int64, from account: Int64, in tx: WriteTransaction
    ) throws {
        if try tx.run(takeFromBalance, [amount, tx.now, unit, account]) > 0 { return }
        guard outside.contains(account) else {
            throw LedgerRefusal.insufficient(
                wanted: amount, available: try balance(of: unit, in: account, tx))
        }
        try tx.run(insertBalance, [unit, account, true, -amount, tx.now])
    }

    /// The row is nearly always there, and an update of it costs less than an upsert.
    private func add(
        _ amount: Int64, of unit: Int64, to account: Int64, in tx: WriteTransaction
    ) throws {
        if try tx.run(addToBalance, [amount, tx.now, unit, account]) == 0 {
            try tx.run(
                insertBalance, [unit, account, outside.contains(account), amount, tx.now])
        }
    }
}
