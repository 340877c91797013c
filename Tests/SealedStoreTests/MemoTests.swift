// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Synchronization
import Testing

@testable import SealedStore

private enum Refused: Refusal {
    case always
    static let catalogue = [RefusalCode("test.refused", .conflict)]
    var code: String { "test.refused" }
    var parameters: [String: Fact] { [:] }
}

private let nameMemo = Memo<Int64, String>(of: "thing")
private let keyMemo = Memo<ExactText, Int64>(of: "thing", outlivesInserts: true)
private let pureMemo = Memo<Int, Int>()

extension ReadTransaction {
    fileprivate func name(_ id: Int64) throws -> String? {
        try remembered(nameMemo, id) { try kept(id) }
    }

    fileprivate func kept(_ id: Int64) throws -> String? {
        try text("SELECT name FROM thing WHERE id = ?", [id])
    }

    fileprivate func id(_ name: String) throws -> Int64? {
        try remembered(keyMemo, ExactText(name)) { try keptID(name) }
    }

    fileprivate func keptID(_ name: String) throws -> Int64? {
        try integer("SELECT min(id) FROM thing WHERE name = ?", [name])
    }
}

@Suite struct MemoTests {
    /// Runs `work` as told work in a transaction of its own; a refusal is expected and swallowed.
    private func told<T: Sendable>(
        _ store: SealedStore, _ work: @escaping @Sendable (WriteTransaction) throws -> T
    ) throws -> T? {
        do {
            return try store.write { tx in
                tx.markTold()
                return try work(tx)
            }
        } catch is Refused {
            return nil
        }
    }

    @Test func `what is remembered is asked once, until its row changes`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let asked = Mutex(0)
        let ask: @Sendable (WriteTransaction) throws -> String? = { tx in
            try tx.remembered(nameMemo, 1) {
                asked.withLock { $0 += 1 }
                return try tx.kept(1)
            }
        }
        _ = try told(store) { try $0.run("INSERT INTO thing (id, name) VALUES (1, 'a')") }
        #expect(try told(store, ask) == "a")
        #expect(try told(store, ask) == "a")
        #expect(asked.withLock { $0 } == 1)
        // A statement that changes no row changes nothing that is remembered.
        _ = try told(store) { try $0.run("UPDATE thing SET name = 'x' WHERE id = 99") }
        #expect(try told(store, ask) == "a")
        #expect(asked.withLock { $0 } == 1)
        _ = try told(store) { try $0.run("UPDATE thing SET name = 'b' WHERE id = 1") }
        #expect(try told(store, ask) == "b")
        #expect(asked.withLock { $0 } == 2)
    }

    @Test func `nothing is remembered of a change that was undone`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        _ = try told(store) { try $0.run("INSERT INTO thing (id, name) VALUES (1, 'a')") }
        #expect(try told(store) { try $0.name(1) } == "a")
        let refused = try told(store) { tx -> String? in
            try tx.run("UPDATE thing SET name = 'b' WHERE id = 1")
            #expect(try tx.name(1) == "b")
            throw Refused.always
        }
        #expect(refused == nil)
        #expect(try told(store) { try $0.name(1) } == "a")
        // The same inside a piece of work that goes on after its attempt was refused.
        let after = try told(store) { tx -> String? in
            let refusal = try tx.attempt {
                try tx.run("UPDATE thing SET name = 'c' WHERE id = 1")
                #expect(try tx.name(1) == "c")
                throw Refused.always
            }
            #expect(refusal?.code == "test.refused")
            return try tx.name(1)
        }
        #expect(after == "a")
        #expect(try told(store) { try $0.name(1) } == "a")
    }

    @Test func `a row that was put in and taken back is not found by its key`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        _ = try told(store) { tx in
            try tx.run("INSERT INTO thing (id, name) VALUES (7, 'new')")
            #expect(try tx.id("new") == 7)
            throw Refused.always
        }
        #expect(try told(store) { try $0.id("new") } == .some(nil))
        _ = try told(store) { try $0.run("INSERT INTO thing (id, name) VALUES (8, 'new')") }
        #expect(try told(store) { try $0.id("new") } == 8)
    }

    @Test func `readers ask, whatever the writer remembers`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        _ = try told(store) { tx in
            try tx.run("INSERT INTO thing (id, name) VALUES (1, 'a')")
            tx.remember(nameMemo, 1, "not so")
        }
        #expect(try told(store) { try $0.name(1) } == "not so")
        #expect(try store.read { try $0.name(1) } == "a")
    }

    @Test func `a memo holds two generations and no more, and keeps what is asked for`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let made = Mutex(0)
        let ask: @Sendable (WriteTransaction, Int) throws -> Void = { tx, key in
            let value = try tx.remembered(
                pureMemo, key,
                always: {
                    made.withLock { $0 += 1 }
                    return key * 2
                })
            #expect(value == key * 2)
        }
        try store.write { tx in
            // Key 0 is asked for in each generation and never made again; key 1 is forgotten.
            for key in 0..<(3 * memoryMax) {
                try ask(tx, key)
                if key % 1000 == 0 { try ask(tx, 0) }
            }
            #expect(made.withLock { $0 } == 3 * memoryMax)
            try ask(tx, 0)
            #expect(made.withLock { $0 } == 3 * memoryMax)
            try ask(tx, 1)
            #expect(made.withLock { $0 } == 3 * memoryMax + 1)
            let kept = try #require(tx.memory?.kept(pureMemo))
            #expect(kept.values.count + kept.older.count <= 2 * memoryMax)
        }
    }

    /// é as one character and as e with an accent: equal to Swift, different to SQLite.
    @Test func `texts of other bytes are other keys`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let (one, two) = ("caf\u{E9}", "cafe\u{301}")
        #expect(one == two)
        _ = try told(store) { try $0.run("INSERT INTO thing (id, name) VALUES (1, ?)", [one]) }
        #expect(try told(store) { try $0.id(one) } == 1)
        #expect(try told(store) { try $0.id(two) } == .some(nil))
        _ = try told(store) { try $0.run("INSERT INTO thing (id, name) VALUES (2, ?)", [two]) }
        #expect(try told(store) { try $0.id(two) } == 2)
        #expect(try told(store) { try $0.id(one) } == 1)
    }

    @Test func `a memo that came after the change is forgotten with it, too`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        _ = try told(store) { try $0.run("INSERT INTO thing (id, name) VALUES (1, 'a')") }
        let late = Memo<Int64, String>(of: "thing")
        let ask: @Sendable (ReadTransaction) throws -> String? = { tx in
            try tx.remembered(late, 1) { try tx.kept(1) }
        }
        for change in [
            "UPDATE thing SET name = 'b' WHERE id = 1",
            "WITH x AS (SELECT 1) UPDATE thing SET name = 'c' WHERE id = 1",
        ] {
            _ = try told(store) { tx in
                // As a part of the work, so that only the undoing of its savepoint is left.
                let refusal = try tx.attempt {
                    try tx.run(change)
                    #expect(try ask(tx) != "a")
                    throw Refused.always
                }
                #expect(refusal != nil)
                #expect(try ask(tx) == "a", "\(change)")
            }
        }
    }

    @Test func `work that went on after SQLite gave up its transaction has not happened`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let tried = try? store.write { tx -> Bool in
            tx.markTold()
            try tx.run("INSERT INTO thing (name) VALUES ('lost')")
            try tx.run("ROLLBACK")
            #expect(throws: StoreFault.ended) {
                try tx.run("INSERT INTO thing (name) VALUES ('alone')")
            }
            return true
        }
        #expect(tried == nil)
        #expect(try store.count() == 0)
        _ = try told(store) { try $0.run("INSERT INTO thing (name) VALUES ('next')") }
        #expect(try store.count() == 1)
    }

    @Test(arguments: [
        ("INSERT INTO thing (name) VALUES (?)", "thing", true),
        ("insert into thing (name) VALUES (?)", "thing", true),
        ("INSERT INTO thing (name) VALUES (?) ON CONFLICT DO NOTHING", "thing", false),
        ("UPDATE thing SET name = ?", "thing", false), ("DELETE FROM thing", "thing", false),
        ("INSERT OR REPLACE INTO thing (name) VALUES (?)", nil, false),
        ("UPDATE OR IGNORE thing SET name = ?", nil, false),
        ("WITH x AS (SELECT 1) UPDATE thing SET name = ?", nil, false),
        ("REPLACE INTO thing (name) VALUES (?)", nil, false),
        ("insert or replace into thing (name) values (?)", nil, false),
        ("UPDATE main.thing SET name = ?", nil, false), ("DELETE FROM \"thing\"", nil, false),
    ])
    func `the text of a statement tells which table it changes, or that anything may change`(
        _ sql: String, _ table: String?, _ isInsert: Bool
    ) {
        let memory = Memory()
        let target = WriteTarget(sql, in: memory)
        #expect((target.watch != nil) == (table != nil))
        if let table { #expect(target.watch === memory.watch(table)) }
        #expect(target.isInsert == isInsert)
    }

    /// Random works, some refused half-way, on twenty rows: what is remembered is what is kept.
    @Test func `what is remembered is always what is kept`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        var dice = SeededRandom()
        let seed = dice.seed
        for round in 0..<400 {
            let id = Int64.random(in: 1...20, using: &dice)
            let verb = Int.random(in: 0..<5, using: &dice)
            let isRefused = Int.random(in: 0..<3, using: &dice) == 0
            _ = try told(store) { tx in
                switch verb {
                case 0: try tx.run("DELETE FROM thing WHERE id = ?", [id])
                case 1: try tx.run("UPDATE thing SET name = ? WHERE id = ?", ["u\(round)", id])
                case 2:
                    if try tx.kept(id) == nil {
                        try tx.run("INSERT INTO thing (id, name) VALUES (?, ?)", [id, "n\(id)"])
                    }
                default: break
                }
                for id: Int64 in 1...20 {
                    #expect(try tx.name(id) == tx.kept(id), "seed \(seed), round \(round)")
                    #expect(try tx.id("n\(id)") == tx.keptID("n\(id)"), "seed \(seed)")
                }
                if isRefused { throw Refused.always }
            }
        }
    }
}
