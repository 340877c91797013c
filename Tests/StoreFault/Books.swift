// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Journal
import Kernel
import Ledger
import Synchronization

@testable import SealedStore

/// A store with a book and a journal, as a room has them, and a key file beside it.
struct Books: Sendable {
    let base: String
    let root: RootKey
    /// Outside of `base`: it stands for a key that is kept elsewhere.
    let secret: String

    static let book = Book(prefix: "try", transfer: "transfer", outside: 1...3)
    static let schemas = [
        journalSchema,
        RoomSchema(
            room: "try", prefix: "try",
            migrations: [
                Migration(
                    1, "book",
                    book.schema + """
                        CREATE TABLE try_filling (id INTEGER PRIMARY KEY, filling BLOB NOT NULL)
                        STRICT;
                        """)
            ]),
    ]
    private static let done = EventKind("try.done", needs: Permission("try.see"))

    struct Refused: Error {}

    /// Makes the key file; the store comes with the first opening.
    init(base: String) throws {
        self.base = base
        secret = base + ".secret"
        try? FileManager.default.removeItem(atPath: base)
        try? FileManager.default.removeItem(atPath: secret)
        try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
        try KeyFile.newSecretFile(at: secret)
        root = try KeyFile.create(at: base + "/key", slot: .file(secret)).root
    }

    private init(_ books: Books, base: String) {
        self.base = base
        root = books.root
        secret = books.secret
    }

    /// The same books at another place.
    func at(_ base: String) -> Books { Books(self, base: base) }

    func open(pace: CopyPace = .eager) throws -> SealedStore {
        try SealedStore.open(
            folder: base + "/store", key: root, schemas: Books.schemas,
            clock: { Instant(microseconds: 1_790_000_000_000_000) }, readers: 1, pace: pace)
    }

    // MARK: Work

    /// One piece of work: goods, a filling, and what is told of it.
    @Sendable static func post(_ number: Int, size: Int, _ tx: WriteTransaction) throws {
        let big = Int64(number)
        _ = try book.post(big % 9 + 1, of: big % 5, from: 1, to: 10 + big % 20, in: tx)
        let filling = (0..<size).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }
        try tx.run(
            "INSERT OR REPLACE INTO try_filling (id, filling) VALUES (?, ?)",
            [big % 40, filling])
        try tx.tell(done, about: "try-\(number)", [:], by: .system("faults"))
    }

    /// Has `sizes.count` pieces of work done in one commit; each third one that is marked refused is
    /// undone. Returns what became of each.
    static func commit(
        _ store: SealedStore, from number: Int, sizes: [Int], refusing: Bool = false
    ) -> [Result<Void, any Error>] {
        let gate = DispatchSemaphore(value: 0)
        let running = DispatchSemaphore(value: 0)
        let group = DispatchGroup()
        let results = Mutex<[Int: Result<Void, any Error>]>([:])
        group.enter()
        // The writer waits in this work until all others are queued: one batch.
        // It may run twice, when another work of its batch is refused.
        store.submit {
            _ in
            running.signal()
            gate.wait()
            gate.signal()
        } then: { _ in
            running.signal()
            group.leave()
        }
        running.wait()
        for (index, size) in sizes.enumerated() {
            group.enter()
            store.submit { tx in
                try Books.post(number + index, size: size, tx)
                if refusing, index == 1 { throw Refused() }
            } then: { result in
                results.withLock { $0[index] = result }
                group.leave()
            }
        }
        gate.signal()
        group.wait()
        let found = results.withLock { $0 }
        return sizes.indices.map { found[$0] ?? .failure(StoreFault.closed) }
    }

    // MARK: Looking

    /// What the store holds, as one text.
    static func digest(_ store: SealedStore) throws -> String {
        try store.tableHashes().map { "\($0.table)=\($0.rows):\($0.hash)" }.joined(separator: " ")
    }

    /// Looks whether everything fits together. Returns the first thing that does not.
    static func flaw(_ store: SealedStore) throws -> String? {
        if let wrong = try store.integrityCheck().first { return wrong }
        return try store.read { tx in
            if let entry = try tx.verifyJournal().broken { return "journal broken at \(entry)" }
            if let off = try book.verify(tx).difference { return "balance off: \(off)" }
            let told = try tx.integer("SELECT count(*) FROM journal_event") ?? -1
            let moved = try tx.integer("SELECT count(*) FROM try_transfer") ?? -1
            return told == moved ? nil : "\(told) told, \(moved) moved"
        }
    }

    /// The numbers of the work that the store holds.
    static func numbers(_ store: SealedStore) throws -> Set<Int> {
        let subjects = try store.read { tx in
            try tx.all("SELECT subject FROM journal_event") { $0.text(0) }
        }
        return Set(subjects.compactMap { Int($0.dropFirst(4)) })
    }

    /// The slots of the key file, which must open.
    func slots() throws -> Int {
        let file = try KeyFile.open(at: base + "/key")
        _ = try file.unlock(with: .file(secret))
        return file.slots.count
    }
}
