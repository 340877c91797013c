// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Dispatch
import Foundation
import Kernel
import Synchronization
import Testing

@testable import SealedStore

private struct Refused: Error, Equatable {}

@Suite struct CommitTests {
    @Test func `a refusal undoes its own work and nothing else of its batch`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let answers = Mutex<[Int: Bool]>([:])
        let group = DispatchGroup()
        // The writer waits in the first piece of work until all others are queued: one batch.
        let gate = DispatchSemaphore(value: 0)
        let running = DispatchSemaphore(value: 0)
        group.enter()
        store.submit(
            { _ in
                running.signal()
                gate.wait()
            }, then: { _ in group.leave() })
        running.wait()
        for index in 0..<60 {
            group.enter()
            store.submit { tx in
                tx.markTold()
                try tx.run("INSERT INTO thing (name) VALUES (?)", ["thing \(index)"])
                if index % 3 == 0 { throw Refused() }
            } then: { result in
                answers.withLock { $0[index] = (try? result.get()) != nil }
                group.leave()
            }
        }
        gate.signal()
        group.wait()
        #expect(answers.withLock { $0 }.count == 60)
        for (index, succeeded) in answers.withLock({ $0 }) {
            #expect(succeeded == (index % 3 != 0))
        }
        #expect(try store.count() == 40)
        #expect(store.health.commits <= 3)
        #expect(store.health.largestBatch == 60)
    }

    @Test func `answers come after the commit, in the order of the work`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let order = Mutex<[Int]>([])
        let missing = Mutex(0)
        let group = DispatchGroup()
        for index in 0..<200 {
            group.enter()
            store.submit { tx -> Int64 in
                tx.markTold()
                return try tx.insert("INSERT INTO thing (name) VALUES (?)", ["\(index)"])
            } then: { result in
                let seen = try? store.read {
                    try $0.integer("SELECT count(*) FROM thing WHERE name = ?", ["\(index)"])
                }
                if seen != 1 || (try? result.get()) == nil { missing.withLock { $0 += 1 } }
                order.withLock { $0.append(index) }
                group.leave()
            }
        }
        group.wait()
        #expect(missing.withLock { $0 } == 0)
        #expect(order.withLock { $0 } == Array(0..<200))
    }

    @Test func `a change that tells nothing is refused`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        #expect(throws: StoreFault.untold) {
            try store.write { try $0.run("INSERT INTO thing (name) VALUES ('silent')") }
        }
        #expect(try store.count() == 0)
        try store.write { try $0.runUntold("INSERT INTO thing (name) VALUES ('platform')") }
        #expect(throws: StoreFault.untold) {
            try store.write { tx in
                try tx.runUntold("UPDATE thing SET amount = 1")
                _ = try tx.first("UPDATE thing SET amount = 2 RETURNING id") { $0.int64(0) }
            }
        }
        try store.write { try $0.run("UPDATE thing SET amount = 2 WHERE id = -1") }
        #expect(try store.read { try $0.integer("SELECT amount FROM thing") } == 0)
    }

    @Test func `run counts rows and insert gives the row id`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let counts = try store.write { tx in
            tx.markTold()
            let id = try tx.insert("INSERT INTO thing (id, name) VALUES (41, 'a')")
            let next = try tx.insert("INSERT INTO thing (name) VALUES ('b')")
            let both = try tx.run("UPDATE thing SET amount = amount + 1")
            let none = try tx.run("DELETE FROM thing WHERE id = 7")
            return [id, next, Int64(both), Int64(none)]
        }
        #expect(counts == [41, 42, 2, 0])
    }

    @Test func `the time of transactions never goes back`() throws {
        let room = try Room()
        let times = Mutex<[Int64]>([50, 40, 30, 60, 10, 10, 10, 10])
        let store = try SealedStore.open(
            folder: room.folder, key: room.key, schemas: room.schemas,
            clock: { Instant(microseconds: times.withLock { $0.isEmpty ? 1 : $0.removeFirst() }) })
        defer { store.close() }
        let seen = try (0..<6).map { _ in try store.write { $0.now.microseconds } }
        #expect(seen == seen.sorted())
        #expect(seen.last == 60)
    }

    @Test func `bells ring after a commit that changed something, and only then`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let rings = Mutex(0)
        store.onCommit { rings.withLock { $0 += 1 } }
        try store.add("x")
        try store.write { _ = try $0.integer("SELECT 1") }
        _ = try? store.write { _ in throw Refused() }
        try store.write { _ in }
        #expect(rings.withLock { $0 } == 1)
    }

    @Test func `a full queue refuses at once`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let gate = DispatchSemaphore(value: 0)
        let running = DispatchSemaphore(value: 0)
        let group = DispatchGroup()
        group.enter()
        store.submit(
            { _ in
                running.signal()
                gate.wait()
            }, then: { _ in group.leave() })
        running.wait()
        let refused = Mutex(0)
        for _ in 0..<Limit.writeQueue + 5 {
            group.enter()
            store.submit(
                { _ in },
                then: { result in
                    if case .failure(let error) = result, error as? StoreRefusal == .busy {
                        refused.withLock { $0 += 1 }
                    }
                    group.leave()
                })
        }
        #expect(refused.withLock { $0 } == 5)
        gate.signal()
        group.wait()
    }

    @Test func `the writer's thread does not wait for itself`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        #expect(throws: StoreFault.wouldDeadlock) {
            try store.write { _ in try store.write { _ in } }
        }
    }

    @Test func `when SQLite gives a transaction up, all its work fails and the next works`() throws
    {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let gate = DispatchSemaphore(value: 0)
        let group = DispatchGroup()
        let running = DispatchSemaphore(value: 0)
        let results = Mutex<[Int: Bool]>([:])
        group.enter()
        store.submit(
            { _ in
                running.signal()
                gate.wait()
            }, then: { _ in group.leave() })
        running.wait()
        for index in 0..<3 {
            group.enter()
            store.submit { tx in
                tx.markTold()
                try tx.run("INSERT INTO thing (name) VALUES (?)", ["\(index)"])
                // What a trigger's RAISE(ROLLBACK) or a full disk does.
                if index == 1 { try tx.run("INSERT OR ROLLBACK INTO thing (name) VALUES ('0')") }
            } then: { result in
                results.withLock { $0[index] = (try? result.get()) != nil }
                group.leave()
            }
        }
        gate.signal()
        group.wait()
        #expect(results.withLock { $0 } == [0: false, 1: false, 2: true])
        #expect(try store.read { try $0.all("SELECT name FROM thing") { $0.text(0) } } == ["2"])
    }
}
