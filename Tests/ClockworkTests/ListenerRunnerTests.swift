// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Journal
import Kernel
import SealedStore
import Synchronization
import TestKit
import Testing

@testable import Clockwork

private let opened = EventKind("try.opened", needs: Permission("try.see"))
private let closed = EventKind("try.closed", needs: Permission("try.see"))

/// Stands for anything that goes wrong in a listener.
private struct Stumble: Error {}

private final class Post: Sendable {
    let test: TestStore
    let lines = Mutex<[String]>([])
    var store: SealedStore { test.store }

    init() throws {
        test = try TestStore([
            journalSchema, clockworkSchema,
            RoomSchema(
                room: "try", prefix: "try",
                migrations: [
                    Migration(
                        1, "a table",
                        """
                        CREATE TABLE try_heard (
                            id INTEGER PRIMARY KEY, who TEXT NOT NULL, seq INTEGER NOT NULL
                        ) STRICT;
                        """)
                ]),
        ])
    }

    func tell(_ kind: EventKind, times: Int = 1) throws {
        for _ in 0..<times {
            try store.write { try $0.tell(kind, about: "dor-1", [:], by: .system("test")) }
        }
    }

    /// A listener that writes down what it hears, and may fail on the way.
    func listener(
        _ name: String, to kinds: [EventKind] = [opened],
        failing: @escaping @Sendable (JournalEntry) throws -> Void = { _ in }
    ) -> Listener {
        Listener(name, to: kinds) { entry, tx in
            try tx.runUntold(
                "INSERT INTO try_heard (who, seq) VALUES (?, ?)", [name, entry.seq])
            try failing(entry)
        }
    }

    func runner(_ listeners: [Listener]) -> ListenerRunner {
        ListenerRunner(
            store: store, listeners: listeners,
            log: { [self] line in lines.withLock { $0.append(line) } })
    }

    func heard(by name: String) throws -> [Int64] {
        try store.read { tx in
            try tx.all("SELECT seq FROM try_heard WHERE who = ? ORDER BY id", [name]) {
                $0.int64(0)
            }
        }
    }

    func cursor(_ name: String) throws -> Int64 {
        try store.read { try $0.journalCursor(of: name) }
    }
}

@Suite struct ListenerRunnerTests {
    @Test func `a listener hears its kinds, in order, once`() throws {
        let post = try Post()
        try post.tell(opened, times: 2)
        try post.tell(closed)
        try post.tell(opened)
        let runner = post.runner([post.listener("a")])
        #expect(runner.deliverAll())
        #expect(runner.deliverAll())
        #expect(try post.heard(by: "a") == [1, 2, 4])
        #expect(try post.cursor("a") == 4)
        try post.tell(opened)
        #expect(runner.deliverAll())
        #expect(try post.heard(by: "a") == [1, 2, 4, 5])
    }

    @Test func `more than a batch is heard to the end`() throws {
        let post = try Post()
        let count = ListenerRunner.batch * 2 + 3
        try post.store.write { tx in
            for _ in 0..<count { try tx.tell(opened, about: "dor-1", [:], by: .system("test")) }
        }
        #expect(post.runner([post.listener("a")]).deliverAll())
        #expect(try post.heard(by: "a") == (1...Int64(count)).map { $0 })
    }

    @Test func `a listener that fails keeps its place, undoes its work and holds up nobody`()
        throws
    {
        let post = try Post()
        try post.tell(opened, times: 3)
        let isIll = Mutex(true)
        let runner = post.runner([
            post.listener("ill") { entry in
                if entry.seq == 2, isIll.withLock({ $0 }) { throw Stumble() }
            },
            post.listener("well"),
        ])
        #expect(!runner.deliverAll())
        #expect(try post.heard(by: "ill") == [1])
        #expect(try post.cursor("ill") == 1)
        #expect(try post.heard(by: "well") == [1, 2, 3])
        #expect(post.lines.withLock { $0.count } == 1)
        isIll.withLock { $0 = false }
        #expect(runner.deliverAll())
        #expect(try post.heard(by: "ill") == [1, 2, 3])
        #expect(try post.heard(by: "well") == [1, 2, 3])
    }

    @Test func `what a listener changes without telling is refused with its cursor`() throws {
        let post = try Post()
        try post.tell(opened)
        let runner = post.runner([
            Listener("silent", to: [opened]) { entry, tx in
                try tx.run("INSERT INTO try_heard (who, seq) VALUES ('silent', ?)", [entry.seq])
            }
        ])
        #expect(!runner.deliverAll())
        #expect(try post.cursor("silent") == 0)
        #expect(try post.heard(by: "silent") == [])
    }

    @Test func `a new listener hears what was told before it was there`() throws {
        let post = try Post()
        try post.tell(opened, times: 3)
        #expect(post.runner([post.listener("late")]).deliverAll())
        #expect(try post.heard(by: "late") == [1, 2, 3])
    }

    @Test func `a ring after a commit brings the news, by itself`() throws {
        let post = try Post()
        let arrived = DispatchSemaphore(value: 0)
        let runner = post.runner([
            Listener("live", to: [opened]) { _, _ in arrived.signal() }
        ])
        post.store.onCommit { runner.ring() }
        runner.start()
        defer { runner.stop() }
        try post.tell(opened)
        #expect(arrived.wait(timeout: .now() + 20) == .success)
    }
}

@Suite struct BellTests {
    @Test func `a ring before the wait is kept`() {
        let bell = Bell()
        bell.ring()
        bell.ring()
        let start = Date()
        bell.wait(seconds: 20)
        #expect(Date().timeIntervalSince(start) < 10)
    }
}
