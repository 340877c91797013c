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
/// join them in its Store, but writes them through `post` only.
package struct Book: Sendable {
    /// Prefix of the tables: `stock` keeps `stock_transfer` and `stock_balance`.
    package let prefix: String

    /// The most that one transfer moves: a billion of a unit with six decimals. Balances and their
    /// sums stay far from the end of their integers with it.
    package static let amountMax: Int64 = 1_000_000_000_000_000

    private let insertTransfer: String
    private let updateBalance: String
    private let insertBalance: String
    private let selectBalance: String

    package init(prefix: String) {
        self.prefix = prefix
        insertTransfer = """
            INSERT INTO \(prefix)_transfer (at_us, source, target, unit, amount)
            VALUES (?, ?, ?, ?, ?)
            """
        updateBalance = """
            UPDATE \(prefix)_balance SET amount = amount + ?, moved_us = ?
            WHERE unit = ? AND account = ?
            """
        insertBalance = """
            INSERT INTO \(prefix)_balance (unit, account, outside, amount, moved_us)
            VALUES (?, ?, ?, ?, ?)
            """
        selectBalance = "SELECT amount FROM \(prefix)_balance WHERE unit = ? AND account = ?"
    }

    /// The statements that create the book's tables, for the first migration of the room.
    ///
    /// `outside` accounts (a supplier, a customer, loss) may go below zero: they are the other side.
    package var schema: String {
        """
        CREATE TABLE \(prefix)_transfer (
            id INTEGER PRIMARY KEY,
            at_us INTEGER NOT NULL,
            source INTEGER NOT NULL,
            target INTEGER NOT NULL CHECK (target <> source),
            unit INTEGER NOT NULL,
            amount INTEGER NOT NULL CHECK (amount > 0)
        ) STRICT;
        CREATE INDEX \(prefix)_transfer_source ON \(prefix)_transfer (source, id);
        CREATE INDEX \(prefix)_transfer_target ON \(prefix)_transfer (target, id);
        CREATE TRIGGER \(prefix)_transfer_stays BEFORE UPDATE ON \(prefix)_transfer
        BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
        CREATE TRIGGER \(prefix)_transfer_remains BEFORE DELETE ON \(prefix)_transfer
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

    /// One side of a transfer.
    package struct Account: Hashable, Sendable {
        package let id: Int64
        /// Whether the account may go below zero.
        package let outside: Bool

        package init(id: Int64, outside: Bool) {
            self.id = id
            self.outside = outside
        }
    }

    /// Moves `amount` (> 0, in the unit's smallest part) of `unit` from `source` to `target`.
    ///
    /// - Returns: the transfer's id, rising with time.
    /// - Throws: `LedgerRefusal` when an inside account would go below zero, when the accounts are
    ///   the same, or the amount is not above zero or above `amountMax`. Nothing is changed then.
    package func post(
        _ amount: Int64, of unit: Int64, from source: Account, to target: Account,
        in tx: WriteTransaction
    ) throws -> Int64 {
        guard amount > 0 else { throw LedgerRefusal.amountNotPositive }
        guard amount <= Self.amountMax else {
            throw LedgerRefusal.amountTooLarge(most: Self.amountMax)
        }
        guard source.id != target.id else { throw LedgerRefusal.sameAccount }
        if !source.outside {
            let available = try balance(of: unit, in: source.id, tx)
            guard available >= amount else {
                throw LedgerRefusal.insufficient(wanted: amount, available: available)
            }
        }
        let id = try tx.insert(insertTransfer, [tx.now, source.id, target.id, unit, amount])
        try add(-amount, of: unit, to: source, in: tx)
        try add(amount, of: unit, to: target, in: tx)
        return id
    }

    /// What `account` holds of `unit`, 0 when it never held any.
    package func balance(of unit: Int64, in account: Int64, _ tx: ReadTransaction) throws -> Int64 {
        try tx.integer(selectBalance, [unit, account]) ?? 0
    }

    /// An upsert would check the change itself against zero, so the row is updated first.
    private func add(
        _ amount: Int64, of unit: Int64, to account: Account, in tx: WriteTransaction
    ) throws {
        if try tx.run(updateBalance, [amount, tx.now, unit, account.id]) == 0 {
            try tx.run(insertBalance, [unit, account.id, account.outside, amount, tx.now])
        }
    }
}
