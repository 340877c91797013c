// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import TestKit
import Testing

@testable import Journal

private let seeing = Permission("try.see")
private let opened = EventKind("try.opened", needs: seeing, isFrequent: true)
private let closed = EventKind("try.closed", needs: seeing)
private let kinds = [opened, closed]

private let trySchema = RoomSchema(
    room: "try", prefix: "try",
    migrations: [
        Migration(1, "a table", "CREATE TABLE try_door (id INTEGER PRIMARY KEY, n INTEGER) STRICT;")
    ])

private func newStore() throws -> TestStore { try TestStore([journalSchema, trySchema]) }

private func caller(_ number: Int64 = 1) -> Caller { .named(.user(number), "Lin \(number)") }

extension TestStore {
    @discardableResult
    fileprivate func tell(
        _ kind: EventKind = opened, about subject: String = "dor-1",
        _ facts: [String: Fact] = [:], by number: Int64 = 1
    ) throws -> Int64 {
        try store.write { try $0.tell(kind, about: subject, facts, by: caller(number)) }
    }

    /// Changes a told entry as only somebody with the key and the file could.
    fileprivate func tamper(_ sql: String) throws {
        try store.write { tx in
            try tx.runUntold("DROP TRIGGER journal_event_stays")
            try tx.runUntold("DROP TRIGGER journal_event_remains")
            try tx.runUntold(sql)
        }
    }

    fileprivate func verdict() throws -> JournalVerdict {
        try store.read { try $0.verifyJournal() }
    }
}

@Suite struct TellingTests {
    @Test func `an entry says who, when, what and in which order`() throws {
        let test = try newStore()
        try test.tell(about: "dor-1", ["wide": .integer(90)], by: 4)
        try test.clock.pass(seconds: 5)
        try test.tell(closed, about: "dor-1")
        let entries = try test.store.read { try $0.journal(after: 0, limit: 10) }
        #expect(entries.map(\.seq) == [1, 2])
        #expect(entries[0].actor == "usr-4")
        #expect(entries[0].actorName == "Lin 4")
        #expect(entries[0].facts == #"{"wide":90}"#)
        #expect(entries[0].kind == "try.opened")
        #expect(entries[0].at == TestClock.monday)
        #expect(entries[1].at == (try TestClock.monday.adding(seconds: 5)))
        #expect(entries[0].hash != entries[1].hash)
    }

    @Test func `a change that tells nothing is not committed`() throws {
        let test = try newStore()
        #expect(throws: StoreFault.untold) {
            try test.store.write { try $0.run("INSERT INTO try_door (n) VALUES (1)") }
        }
        #expect(try test.store.read { try $0.integer("SELECT count(*) FROM try_door") } == 0)
        try test.store.write { tx in
            try tx.run("INSERT INTO try_door (n) VALUES (1)")
            try tx.tell(opened, about: "dor-1", [:], by: caller())
        }
        #expect(try test.store.read { try $0.integer("SELECT count(*) FROM try_door") } == 1)
    }

    @Test func `what is refused after it was told leaves no entry and no gap`() throws {
        let test = try newStore()
        try test.tell()
        #expect(throws: AccessRefusal.unauthenticated) {
            try test.store.write { tx in
                try tx.tell(closed, about: "dor-1", [:], by: caller())
                throw AccessRefusal.unauthenticated
            }
        }
        #expect(try test.tell() == 2)
        #expect(try test.verdict() == JournalVerdict(entries: 2))
    }

    @Test(arguments: ["UPDATE journal_event SET kind = 'x'", "DELETE FROM journal_event"])
    func `an entry is neither changed nor removed`(_ sql: String) throws {
        let test = try newStore()
        try test.tell()
        #expect(throws: StoreFault.constraint(.trigger, "the journal is append-only")) {
            try test.store.write { try $0.runUntold(sql) }
        }
    }
}

@Suite struct ChainTests {
    private func told(_ count: Int64) throws -> TestStore {
        let test = try newStore()
        let origin = Origin(address: "10.0.0.7", credential: "session", route: "POST /doors")
        for number in 1...count {
            try test.store.write {
                try $0.tell(
                    opened, about: "dor-\(number)", ["n": .integer(number)],
                    by: caller().from(origin))
            }
        }
        return test
    }

    @Test func `a chain that nobody touched holds`() throws {
        #expect(try newStore().verdict() == JournalVerdict(entries: 0))
        #expect(try told(20).verdict() == JournalVerdict(entries: 20))
    }

    @Test(
        arguments: [
            "UPDATE journal_event SET facts = '{\"n\":8}' WHERE seq = 7",
            "UPDATE journal_event SET actor = 'usr-9' WHERE seq = 7",
            "UPDATE journal_event SET actor_name = 'x' WHERE seq = 7",
            "UPDATE journal_event SET kind = 'try.closed' WHERE seq = 7",
            "UPDATE journal_event SET subject = 'dor-8' WHERE seq = 7",
            "UPDATE journal_event SET at_us = at_us + 1 WHERE seq = 7",
            "UPDATE journal_event SET hash = zeroblob(32) WHERE seq = 7",
            "UPDATE journal_event SET origin = 0 WHERE seq = 7",
            "DELETE FROM journal_event WHERE seq = 7",
        ])
    func `the first entry that does not follow is named`(_ sql: String) throws {
        let test = try told(20)
        try test.tamper(sql)
        #expect(try test.verdict().broken == 7)
    }

    @Test func `cutting the end off shows in the number of entries only`() throws {
        let test = try told(20)
        try test.tamper("DELETE FROM journal_event WHERE seq > 15")
        #expect(try test.verdict() == JournalVerdict(entries: 15))
    }

    @Test func `fields cannot be moved into one another`() {
        func link(_ kind: String, _ actor: String) -> [UInt8] {
            Chain.link(
                after: Chain.start, seq: 1, at: TestClock.monday, kind: kind, actor: actor,
                actorName: "", subject: "", facts: [])
        }
        #expect(link("ab", "c") != link("a", "bc"))
    }
}

@Suite struct ReadingTests {
    private static let page = 7

    /// 300 entries of two kinds, five people, twenty subjects, a second apart.
    private func told() throws -> (TestStore, [JournalEntry]) {
        let test = try newStore()
        for number: Int64 in 0..<300 {
            try test.clock.pass(seconds: 1)
            try test.tell(
                number % 3 == 0 ? closed : opened, about: "dor-\(number % 20)", by: number % 5)
        }
        return (test, try test.store.read { try $0.journal(after: 0, limit: 1000) })
    }

    private func filters(_ entries: [JournalEntry]) -> [(JournalFilter, (JournalEntry) -> Bool)] {
        let (since, until) = (entries[100].at, entries[200].at)
        return [
            (JournalFilter(), { _ in true }),
            (JournalFilter(kind: closed.name), { $0.kind == closed.name }),
            (JournalFilter(actor: "usr-3"), { $0.actor == "usr-3" }),
            (JournalFilter(subject: "dor-11"), { $0.subject == "dor-11" }),
            (JournalFilter(since: since), { $0.at >= since }),
            (JournalFilter(until: until), { $0.at < until }),
            (JournalFilter(since: since, until: until), { $0.at >= since && $0.at < until }),
            (
                JournalFilter(kind: opened.name, actor: "usr-1", since: since),
                { $0.kind == opened.name && $0.actor == "usr-1" && $0.at >= since }
            ),
        ]
    }

    @Test func `every filter gives, page by page, what it says and nothing else`() throws {
        let (test, entries) = try told()
        for (filter, fits) in filters(entries) {
            var found: [JournalEntry] = []
            var before: Int64?
            while true {
                let page = try test.store.read {
                    try $0.journal(filter, kinds: kinds, before: before, limit: Self.page)
                }
                found += page
                guard page.count == Self.page, let last = page.last else { break }
                before = last.seq
            }
            #expect(found == entries.reversed().filter(fits), "\(filter)")
        }
    }

    @Test func `kinds that the caller may not see are not there`() throws {
        let (test, entries) = try told()
        let seen = try test.store.read {
            try $0.journal(JournalFilter(), kinds: [closed], before: nil, limit: 500)
        }
        #expect(seen.count == entries.count { $0.kind == closed.name })
        let none = try test.store.read {
            try $0.journal(JournalFilter(), kinds: [], before: nil, limit: 500)
        }
        #expect(none.isEmpty)
    }

    @Test func `no filter reads the whole journal or sorts it`() throws {
        let (test, entries) = try told()
        for (filter, _) in filters(entries) {
            let query = journalQuery(filter, kinds: kinds, before: 250, limit: 50)
            let plan = try test.store.plan(of: query.sql, query.arguments)
            #expect(plan.fullScans() == [], "\(filter)")
            #expect(plan.sorts == [], "\(filter): \(plan)")
        }
        let byKind = journalQuery(
            JournalFilter(kind: closed.name), kinds: kinds, before: nil, limit: 50)
        #expect(
            try test.store.plan(of: byKind.sql, byKind.arguments).joined()
                .contains("journal_event_kind"))
    }

    @Test func `a listener hears its kinds in order, as many as it asked for`() throws {
        let (test, entries) = try told()
        let heard = try test.store.read { try $0.journal(after: 40, kinds: kinds, limit: 100) }
        #expect(heard == Array(entries[40..<140]))
        let some = try test.store.read {
            try $0.journal(after: 40, kinds: [closed], limit: 10)
        }
        #expect(some == Array(entries[40...].filter { $0.kind == closed.name }.prefix(10)))
    }
}

@Suite struct CursorTests {
    @Test func `a reader starts at nothing and goes where it is put`() throws {
        let test = try newStore()
        #expect(try test.store.read { try $0.journalCursor(of: "reader") } == 0)
        for seq: Int64 in [3, 9] {
            try test.store.write { try $0.moveJournalCursor(of: "reader", to: seq) }
            #expect(try test.store.read { try $0.journalCursor(of: "reader") } == seq)
        }
        #expect(try test.store.read { try $0.journalCursor(of: "another") } == 0)
    }

    @Test func `a cursor moves only together with the work`() throws {
        let test = try newStore()
        #expect(throws: AccessRefusal.unauthenticated) {
            try test.store.write { tx in
                try tx.moveJournalCursor(of: "reader", to: 5)
                throw AccessRefusal.unauthenticated
            }
        }
        #expect(try test.store.read { try $0.journalCursor(of: "reader") } == 0)
    }

    @Test func `the head is the number of the last entry`() throws {
        let test = try newStore()
        #expect(try test.store.read { try $0.journalHead() } == 0)
        try test.tell()
        try test.tell()
        #expect(try test.store.read { try $0.journalHead() } == 2)
    }
}
