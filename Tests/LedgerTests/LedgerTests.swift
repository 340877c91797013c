// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import TestKit
import Testing

@testable import Ledger

private let supplier: Int64 = 1
private let customer: Int64 = 2
private let shelf: Int64 = 10
private let dock: Int64 = 11

/// A book of its own on a sealed store. Nothing here is told; the tests are of the book.
private final class Ledgers: Sendable {
    let book = Book(prefix: "try", transfer: "transfer", outside: 1...3)
    let test: TestStore
    var store: SealedStore { test.store }

    init() throws {
        test = try TestStore([
            RoomSchema(room: "try", prefix: "try", migrations: [Migration(1, "book", book.schema)])
        ])
    }

    @discardableResult
    func post(
        _ amount: Int64, of unit: Int64 = 7, from source: Int64, to target: Int64
    ) throws -> Int64 {
        try store.write { [book] tx in
            tx.markTold()
            return try book.post(amount, of: unit, from: source, to: target, in: tx)
        }
    }

    func balance(_ account: Int64, of unit: Int64 = 7) throws -> Int64 {
        try store.read { try book.balance(of: unit, in: account, $0) }
    }

    func count(_ table: String) throws -> Int64 {
        try store.read { try $0.integer("SELECT count(*) FROM try_\(table)") ?? -1 }
    }

    func verdict() throws -> BookVerdict { try store.read { try book.verify($0) } }
}

@Suite struct BookTests {
    @Test func `goods that come in and go out are where the transfers say`() throws {
        let ledger = try Ledgers()
        let first = try ledger.post(12, from: supplier, to: shelf)
        let second = try ledger.post(5, from: shelf, to: dock)
        let third = try ledger.post(2, from: dock, to: customer)
        #expect((first, second, third) == (1, 2, 3))
        #expect(try ledger.balance(shelf) == 7)
        #expect(try ledger.balance(dock) == 3)
        #expect(try ledger.balance(supplier) == -12)
        #expect(try ledger.balance(customer) == 2)
        #expect(try ledger.balance(shelf, of: 8) == 0)
        #expect(try ledger.verdict() == BookVerdict(transfers: 3, difference: nil))
    }

    @Test func `an inside account gives no more than it has, and nothing happens then`() throws {
        let ledger = try Ledgers()
        try ledger.post(3, from: supplier, to: shelf)
        #expect(throws: LedgerRefusal.insufficient(wanted: 4, available: 3)) {
            try ledger.post(4, from: shelf, to: customer)
        }
        #expect(throws: LedgerRefusal.insufficient(wanted: 1, available: 0)) {
            try ledger.post(1, from: dock, to: customer)
        }
        #expect(try ledger.count("transfer") == 1)
        #expect(try ledger.count("balance") == 2)
        try ledger.post(3, from: shelf, to: customer)
        #expect(try ledger.balance(shelf) == 0)
    }

    @Test func `an account cannot give to itself, and an amount is above zero`() throws {
        let ledger = try Ledgers()
        try ledger.post(3, from: supplier, to: shelf)
        #expect(throws: LedgerRefusal.sameAccount) { try ledger.post(1, from: shelf, to: shelf) }
        for amount: Int64 in [0, -1, .min] {
            #expect(throws: LedgerRefusal.amountNotPositive) {
                try ledger.post(amount, from: shelf, to: customer)
            }
        }
        #expect(try ledger.count("transfer") == 1)
    }

    @Test func `an account outside may go below zero as far as it likes`() throws {
        let ledger = try Ledgers()
        try ledger.post(1_000_000_000_000, from: supplier, to: customer)
        #expect(try ledger.balance(supplier) == -1_000_000_000_000)
        #expect(try ledger.verdict().difference == nil)
    }

    @Test func `an amount beyond every warehouse is refused before it is booked`() throws {
        let ledger = try Ledgers()
        try ledger.post(Book.amountMax, from: supplier, to: shelf)
        #expect(throws: LedgerRefusal.amountTooLarge(most: Book.amountMax)) {
            try ledger.post(Book.amountMax + 1, from: supplier, to: shelf)
        }
        #expect(try ledger.balance(shelf) == Book.amountMax)
        #expect(try ledger.verdict().difference == nil)
    }

    @Test func `units are counted apart`() throws {
        let ledger = try Ledgers()
        try ledger.post(3, of: 1, from: supplier, to: shelf)
        #expect(throws: LedgerRefusal.insufficient(wanted: 1, available: 0)) {
            try ledger.post(1, of: 2, from: shelf, to: customer)
        }
    }

    @Test(arguments: ["UPDATE try_transfer SET amount = 1", "DELETE FROM try_transfer"])
    func `a transfer is neither changed nor removed`(_ sql: String) throws {
        let ledger = try Ledgers()
        try ledger.post(3, from: supplier, to: shelf)
        #expect(
            throws: StoreFault.constraint(.trigger, "transfers are append-only")
        ) { try ledger.store.write { try $0.runUntold(sql) } }
        #expect(try ledger.verdict().transfers == 1)
    }

    @Test func `the tables refuse what the book would never do`() throws {
        let ledger = try Ledgers()
        try ledger.post(3, from: supplier, to: shelf)
        let wrong = [
            "INSERT INTO try_transfer (at_us, source, target, unit, amount) VALUES (1, 5, 5, 7, 1)",
            "INSERT INTO try_transfer (at_us, source, target, unit, amount) VALUES (1, 5, 6, 7, 0)",
            "UPDATE try_balance SET amount = -1 WHERE account = 10",
        ]
        for sql in wrong {
            #expect(throws: StoreFault.self, "\(sql)") {
                try ledger.store.write { try $0.runUntold(sql) }
            }
        }
    }
}

@Suite struct VerifyTests {
    private func filled() throws -> Ledgers {
        let ledger = try Ledgers()
        try ledger.post(12, of: 7, from: supplier, to: shelf)
        try ledger.post(5, of: 7, from: shelf, to: dock)
        try ledger.post(4, of: 9, from: supplier, to: dock)
        return ledger
    }

    @Test func `a balance that was tampered with is named with both figures`() throws {
        let ledger = try filled()
        try ledger.store.write {
            try $0.runUntold(
                "UPDATE try_balance SET amount = 8 WHERE unit = 7 AND account = 10")
        }
        #expect(
            try ledger.verdict().difference
                == BookVerdict.Difference(unit: 7, account: 10, expected: 7, kept: 8))
    }

    @Test func `of several differences the first is named, by unit and account`() throws {
        let ledger = try filled()
        try ledger.store.write {
            try $0.runUntold("UPDATE try_balance SET amount = amount + 1 WHERE outside = 0")
        }
        let difference = try ledger.verdict().difference
        #expect(difference?.unit == 7)
        #expect(difference?.account == 10)
    }

    @Test func `a balance that is missing or invented is a difference`() throws {
        let missing = try filled()
        try missing.store.write {
            try $0.runUntold("DELETE FROM try_balance WHERE unit = 9 AND account = 11")
        }
        #expect(
            try missing.verdict().difference
                == BookVerdict.Difference(unit: 9, account: 11, expected: 4, kept: 0))
        let invented = try filled()
        try invented.store.write {
            try $0.runUntold(
                """
                INSERT INTO try_balance (unit, account, outside, amount, moved_us)
                VALUES (3, 10, 0, 6, 1)
                """)
        }
        #expect(
            try invented.verdict().difference
                == BookVerdict.Difference(unit: 3, account: 10, expected: 0, kept: 6))
    }

    @Test func `a transfer that was slipped in is a difference`() throws {
        let ledger = try filled()
        try ledger.store.write {
            try $0.runUntold(
                """
                INSERT INTO try_transfer (at_us, source, target, unit, amount)
                VALUES (1, 1, 11, 7, 2)
                """)
        }
        #expect(try ledger.verdict().difference?.account == 1)
    }
}

@Suite struct BookPropertyTests {
    @Test func `after thousands of transfers every unit sums to zero and every balance is right`()
        throws
    {
        var dice = SeededDice()
        let ledger = try Ledgers()
        var model: [[Int64]: Int64] = [:]
        var accepted: Int64 = 0
        var refused = 0
        for _ in 0..<40 {
            // One piece of work for each hundred, as the writer groups them.
            let steps = (0..<100).map { _ in
                (
                    amount: Int64.random(in: 1...50, using: &dice),
                    unit: Int64.random(in: 1...6, using: &dice),
                    source: Int64.random(in: 1...9, using: &dice),
                    target: Int64.random(in: 1...9, using: &dice)
                )
            }
            let done = try ledger.store.write { [book = ledger.book] tx in
                tx.markTold()
                return try steps.map { step in
                    do {
                        _ = try book.post(
                            step.amount, of: step.unit, from: step.source,
                            to: step.target, in: tx)
                        return true
                    } catch is LedgerRefusal {
                        return false
                    }
                }
            }
            for (step, happened) in zip(steps, done) {
                let has = model[[step.unit, step.source]] ?? 0
                let should =
                    step.source != step.target && (step.source <= 3 || has >= step.amount)
                #expect(happened == should, "seed \(dice.seed)")
                guard happened else {
                    refused += 1
                    continue
                }
                accepted += 1
                model[[step.unit, step.source], default: 0] -= step.amount
                model[[step.unit, step.target], default: 0] += step.amount
            }
        }
        let kept = try ledger.store.read { tx in
            try tx.all("SELECT unit, account, amount FROM try_balance") {
                ([$0.int64(0), $0.int64(1)], $0.int64(2))
            }
        }
        print("ledger: \(accepted) transfers, \(refused) refused, seed \(dice.seed)")
        #expect(Dictionary(uniqueKeysWithValues: kept) == model, "seed \(dice.seed)")
        for unit: Int64 in 1...6 {
            #expect(kept.filter { $0.0[0] == unit }.map(\.1).reduce(0, +) == 0)
        }
        #expect(kept.allSatisfy { $0.0[1] <= 3 || $0.1 >= 0 }, "seed \(dice.seed)")
        #expect(try ledger.verdict() == BookVerdict(transfers: accepted, difference: nil))
    }
}
