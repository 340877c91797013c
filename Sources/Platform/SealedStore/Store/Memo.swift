// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Names what the writer may remember of rows that seldom change, so that a scan does not ask for
/// them anew each time. Made once, at file scope, beside the query that it stands for.
///
/// A remembered value must follow from its key and the rows of `tables` alone. Everything of a memo
/// is forgotten when a row of one of its tables changes, and when such a change is undone. Only the
/// writer's connection remembers, since only it sees every change; readers always ask.
@usableFromInline
package final class Memo<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    @usableFromInline
    package let tables: [String]
    /// Whether new rows leave the values as they are: those found by a unique key do.
    let outlivesInserts: Bool

    package init(of tables: String..., outlivesInserts: Bool = false) {
        self.tables = tables
        self.outlivesInserts = outlivesInserts
    }
}

/// Values of one generation of a memo at most. When so many are new, those that were not asked for
/// since the generation before are forgotten: 20,000 in all, and no cliff where a catalogue grows.
@usableFromInline
let memoryMax = 10_000

/// A text as a key of a memo, compared byte by byte as SQLite does. Two strings that mean the same
/// letters in other bytes (é as one character or as two) are equal to Swift and name other rows.
package struct ExactText: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (a: ExactText, b: ExactText) -> Bool {
        a.text.utf8.elementsEqual(b.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

// Inlined into the rooms, where the types are known: otherwise each look-up costs more than the
// statement that it saves.
extension ReadTransaction {
    /// The value that `memo` has for `key`, or what `find` finds; a nil is not remembered.
    @inlinable
    package final func remembered<Key, Value>(
        _ memo: Memo<Key, Value>, _ key: Key, _ find: () throws -> Value?
    ) throws -> Value? {
        guard let kept = memory?.kept(memo) else { return try find() }
        if let value = kept.value(for: key) { return value }
        guard let value = try find() else { return nil }
        kept.add(value, for: key)
        return value
    }

    /// The value that `memo` has for `key`, or what `find` makes, which is there for every key.
    @inlinable
    package final func remembered<Key, Value>(
        _ memo: Memo<Key, Value>, _ key: Key, always find: () throws -> Value
    ) throws -> Value {
        guard let kept = memory?.kept(memo) else { return try find() }
        if let value = kept.value(for: key) { return value }
        let value = try find()
        kept.add(value, for: key)
        return value
    }
}

extension WriteTransaction {
    /// Sets what this transaction has just made true, instead of asking for it again.
    @inlinable
    package func remember<Key, Value>(_ memo: Memo<Key, Value>, _ key: Key, _ value: Value) {
        memory?.kept(memo).add(value, for: key)
    }

    /// Like `run`, for a change of a column that no memo holds but `memo`, and that only under
    /// `key`: what else is remembered of the table stays.
    package func run<Key, Value>(
        _ sql: String, _ arguments: [any SQLBindable], touching memo: Memo<Key, Value>, _ key: Key
    ) throws {
        let statement = try begin(sql, arguments)
        defer { connection.release(statement) }
        while try connection.step(statement) {}
        guard let kept = memory?.kept(memo) else { return }
        memory?.note(kept)
        kept.forget(key)
    }
}

/// What the writer's connection remembers. Touched by the writer's thread only.
@usableFromInline
final class Memory {
    @usableFromInline
    var kept: [ObjectIdentifier: AnyObject] = [:]
    private var all: [any Forgetting] = []
    private var watches: [String: TableWatch] = [:]
    /// Memos of which the open transaction has changed rows.
    private var changed: [any Forgetting] = []

    @inlinable
    func kept<Key, Value>(_ memo: Memo<Key, Value>) -> Kept<Key, Value> {
        if let known = kept[ObjectIdentifier(memo)] {
            return unsafeDowncast(known, to: Kept<Key, Value>.self)
        }
        let fresh = Kept(memo)
        add(fresh, of: memo.tables, as: ObjectIdentifier(memo))
        return fresh
    }

    @usableFromInline
    func add(_ fresh: some Forgetting, of tables: [String], as id: ObjectIdentifier) {
        kept[id] = fresh
        all.append(fresh)
        // Rows that it follows from may have changed in the open transaction before it was there.
        note(fresh)
        for table in tables { watch(table).kept.append(fresh) }
    }

    func watch(_ table: String) -> TableWatch {
        if let known = watches[table] { return known }
        let fresh = TableWatch()
        watches[table] = fresh
        return fresh
    }

    /// Rows have changed in the open transaction.
    func note(_ target: WriteTarget) {
        guard let watch = target.watch else {
            for kept in all { note(kept) }
            return forgetAll()
        }
        for kept in watch.kept {
            note(kept)
            if !(target.isInsert && kept.outlivesInserts) { kept.forget() }
        }
    }

    fileprivate func note(_ kept: any Forgetting) {
        guard !kept.hasChanged else { return }
        kept.hasChanged = true
        changed.append(kept)
    }

    /// The changes of the open transaction stay.
    func settle() {
        for kept in changed { kept.hasChanged = false }
        changed.removeAll(keepingCapacity: true)
    }

    /// Changes of the open transaction are undone, all or some of them.
    func undo() {
        for kept in changed { kept.forget() }
    }

    func forgetAll() {
        for kept in all { kept.forget() }
    }
}

/// A table, and what is remembered of it.
final class TableWatch {
    fileprivate var kept: [any Forgetting] = []
}

/// The table that a statement writes to.
struct WriteTarget {
    /// Nil when the text does not tell: then anything may have changed.
    let watch: TableWatch?
    let isInsert: Bool

    /// Reads the table from the start of a statement: `INSERT INTO t`, `UPDATE t`, `DELETE FROM t`.
    init(_ sql: String, in memory: Memory) {
        let words = sql.prefix(200).split { $0.isWhitespace || $0 == "(" }
        let (verb, second) = (words.first?.uppercased(), words.dropFirst().first?.uppercased())
        let table: Substring? =
            switch (verb, second) {
            case ("UPDATE", .some): words[1]
            case ("INSERT", "INTO"), ("DELETE", "FROM"): words.dropFirst(2).first
            default: nil
            }
        // UPDATE OR … replaces rows as it pleases, `main.t` is no name of ours: anything then.
        let isPlain =
            table.map { $0.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x5f } } ?? false
        watch = isPlain ? table.map { memory.watch(String($0)) } : nil
        isInsert = isPlain && verb == "INSERT" && !sql.uppercased().contains("ON CONFLICT")
    }
}

@usableFromInline
protocol Forgetting: AnyObject {
    var outlivesInserts: Bool { get }
    var hasChanged: Bool { get set }
    func forget()
}

@usableFromInline
final class Kept<Key: Hashable & Sendable, Value: Sendable>: Forgetting {
    /// Held, so that no other memo is ever taken for this one.
    private let memo: Memo<Key, Value>
    @usableFromInline
    var values: [Key: Value] = [:]
    /// Those of the generation before that were not asked for since.
    @usableFromInline
    var older: [Key: Value] = [:]
    @usableFromInline
    var hasChanged = false

    @usableFromInline
    init(_ memo: Memo<Key, Value>) { self.memo = memo }

    @usableFromInline
    var outlivesInserts: Bool { memo.outlivesInserts }

    @inlinable
    func value(for key: Key) -> Value? {
        if let value = values[key] { return value }
        guard let value = older[key] else { return nil }
        add(value, for: key)
        return value
    }

    @inlinable
    func add(_ value: Value, for key: Key) {
        if values.count >= memoryMax {
            older = values
            values = [:]
        }
        values[key] = value
    }

    @usableFromInline
    func forget(_ key: Key) {
        values[key] = nil
        older[key] = nil
    }

    @usableFromInline
    func forget() {
        if !values.isEmpty { values.removeAll(keepingCapacity: true) }
        if !older.isEmpty { older = [:] }
    }
}
