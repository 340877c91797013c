// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import TestKit
import Testing

@testable import Journal

private let opened = EventKind("try.opened", needs: Permission("try.see"), isFrequent: true)
private let refused = EventKind("try.refused", needs: Permission("try.see"), isRefusal: true)
private let returned = EventKind("try.returned", needs: Permission("try.see"))
private let kinds = [opened, refused, returned]

private func told(_ count: Int64) throws -> TestStore {
    let test = try TestStore([journalSchema])
    for number in 1...count { try test.tell(number) }
    return test
}

extension TestStore {
    fileprivate func tell(_ number: Int64, _ kind: EventKind = opened) throws {
        let origin = Origin(
            address: "10.0.0.\(number % 3)", credential: "session", route: "POST /doors")
        try store.write {
            try $0.tell(
                kind, about: "dor-\(number)", ["n": .integer(number)],
                by: .named(.user(number % 2), "Lin").from(origin))
        }
    }

    /// Changes rows below the API, as only somebody with key and file can.
    fileprivate func attack(_ statements: [String]) throws {
        try store.write { tx in
            for table in ["event", "anchor", "origin"] {
                try tx.runUntold("DROP TRIGGER IF EXISTS journal_\(table)_stays")
                try tx.runUntold("DROP TRIGGER IF EXISTS journal_\(table)_remains")
            }
            for sql in statements { try tx.runUntold(sql) }
        }
    }

    fileprivate func verdict(_ anchors: [JournalAnchor] = []) throws -> JournalVerdict {
        try store.read { try $0.verifyJournal(anchors: anchors, forks: [returned]) }
    }

    fileprivate func anchor() throws -> JournalAnchor {
        try #require(try store.write { try $0.anchorJournal() })
    }
}

/// Somebody with the key of the store and the file changes the journal: five ways, five of five.
@Suite struct AuditChainTests {
    private static let shift = """
        UPDATE journal_event SET seq = seq + 1000000 WHERE seq >= 9
        """
    private static let back = """
        UPDATE journal_event SET seq = seq - 999999 WHERE seq > 1000000
        """

    @Test func `a row that was deleted is named`() throws {
        let test = try told(20)
        try test.attack(["DELETE FROM journal_event WHERE seq = 9"])
        #expect(try test.verdict().fault == .missing(9))
    }

    @Test func `a row that was deleted, with all after it moved up, is named`() throws {
        let test = try told(20)
        try test.attack([
            "DELETE FROM journal_event WHERE seq = 9",
            "UPDATE journal_event SET seq = seq + 1000000 WHERE seq > 9",
            "UPDATE journal_event SET seq = seq - 1000001 WHERE seq > 1000000",
        ])
        #expect(try test.verdict().fault == .altered(9))
    }

    @Test(
        arguments: [
            "facts = '{\"n\":8}'", "actor = 'usr-9'", "subject = 'dor-2'", "at_us = at_us - 1",
            "origin = 1 + origin % 3", "kind = 'try.refused'", "actor_name = 'Wang'",
        ])
    func `a row that was changed is named`(_ change: String) throws {
        let test = try told(20)
        try test.attack(["UPDATE journal_event SET \(change) WHERE seq = 9"])
        #expect(try test.verdict().fault == .altered(9))
    }

    @Test func `rows that changed places are named`() throws {
        let test = try told(20)
        try test.attack([
            "UPDATE journal_event SET seq = -1 WHERE seq = 9",
            "UPDATE journal_event SET seq = 9 WHERE seq = 10",
            "UPDATE journal_event SET seq = 10 WHERE seq = -1",
        ])
        #expect(try test.verdict().fault == .altered(9))
    }

    @Test func `a row that was put in is named`() throws {
        let test = try told(20)
        try test.attack([
            Self.shift, Self.back,
            """
            INSERT INTO journal_event
                SELECT 9, at_us, kind, actor, actor_name, subject, '{"n":0}', frequent, hash, origin
                FROM journal_event WHERE seq = 8
            """,
        ])
        #expect(try test.verdict().fault == .altered(9))
        let first = try told(5)
        try first.attack([
            """
            INSERT INTO journal_event
                SELECT 0, at_us, kind, actor, actor_name, subject, facts, frequent, hash, origin
                FROM journal_event WHERE seq = 1
            """
        ])
        #expect(try first.verdict().fault == .foreign(0))
    }

    @Test func `a tail that was cut is named, by a line that was kept and by the one in the books`()
        throws
    {
        let test = try told(20)
        let anchor = try test.anchor()
        let line = try #require(JournalAnchor(line: "  \(anchor.line)\n"))
        #expect(line == anchor)
        #expect(try test.verdict([line]).fault == nil)
        try test.attack(["DELETE FROM journal_event WHERE seq > 15"])
        #expect(try test.verdict().fault == .cut(after: 15, known: 20))
        // Whoever removes the anchor in the books as well is found by the one outside.
        try test.attack(["DELETE FROM journal_anchor"])
        #expect(try test.verdict().fault == nil)
        #expect(try test.verdict([line]).fault == .cut(after: 15, known: 20))
        #expect(try test.verdict([line]).broken == 16)
    }

    @Test func `a reader that has read further than the journal reaches tells a cut tail, too`()
        throws
    {
        let test = try told(20)
        try test.store.write { try $0.moveJournalCursor(of: "feed", to: 20) }
        try test.attack(["DELETE FROM journal_event WHERE seq > 19"])
        #expect(try test.verdict().fault == .cut(after: 19, known: 20))
    }

    @Test func `hashes made without the key do not fit`() throws {
        let test = try told(20)
        let entries = try test.store.read { try $0.journal(after: 8, limit: 1) }
        let previous = try #require(try test.store.read { try $0.journalMark(at: 8) })
        let forged = Chain.link(
            after: previous.hash, seq: 9, at: entries[0].at, kind: entries[0].kind,
            actor: "usr-9", actorName: entries[0].actorName, subject: entries[0].subject,
            facts: Array(entries[0].facts.utf8))
        try test.store.write { tx in
            try tx.runUntold("DROP TRIGGER journal_event_stays")
            try tx.runUntold(
                "UPDATE journal_event SET actor = 'usr-9', hash = ? WHERE seq = 9", [forged])
        }
        #expect(try test.verdict().fault == .altered(9))
    }

    @Test func `a journal that was written anew with the key is found by an anchor`() throws {
        let test = try told(20)
        let anchor = try test.anchor()
        try test.attack(["DELETE FROM journal_anchor", "DELETE FROM journal_event WHERE seq > 10"])
        // What remembers the end of the chain forgets it, and the right key goes on from there.
        for number: Int64 in 51...65 { try test.tell(number) }
        #expect(try test.verdict() == JournalVerdict(entries: 25))
        #expect(try test.verdict([anchor]).fault == .rewritten(20))
    }

    @Test func `after older books were brought back an anchor of the others says where they part`()
        throws
    {
        let test = try told(20)
        let anchor = try test.anchor()
        try test.clock.pass(seconds: 60)
        try test.attack(["DELETE FROM journal_anchor", "DELETE FROM journal_event WHERE seq > 10"])
        try test.tell(1, returned)
        #expect(try test.verdict([anchor]).fault == .forked(after: 10))
        for number: Int64 in 51...65 { try test.tell(number) }
        #expect(try test.verdict([anchor]).fault == .forked(after: 10))
        #expect(try test.verdict().fault == nil)
    }

    @Test func `a line of other books, or one that was mistyped, is told apart`() throws {
        let anchor = try told(20).anchor()
        #expect(try told(20).verdict([anchor]).fault == .strangeAnchor(20))
        let test = try told(20)
        let own = try test.anchor()
        let mistyped = JournalAnchor(
            seq: own.seq - 1, at: own.at, hash: own.hash, mac: own.mac)
        #expect(try test.verdict([mistyped]).fault == .strangeAnchor(19))
    }

    @Test(arguments: [
        "", "sluice-anchor", "sluice-anchor 1 0 2026-11-23T02:00:00Z aa bb",
        "sluice-anchor 2 5 2026-11-23T02:00:00Z \(String(repeating: "a", count: 64)) "
            + String(repeating: "b", count: 32),
        "sluice-anchor 1 5 yesterday \(String(repeating: "a", count: 64)) "
            + String(repeating: "b", count: 32),
        String(repeating: "x ", count: 200),
    ])
    func `what is no anchor is none`(_ line: String) {
        #expect(JournalAnchor(line: line) == nil)
    }

    @Test func `entries from before the chain had a key are still checked, and named`() throws {
        let test = try told(6)
        // As an earlier version would have left it: hashes without a key, no origins.
        try test.attack(["DELETE FROM journal_key", "UPDATE journal_event SET origin = 0"])
        var previous = Chain.start
        let entries = try test.store.read { try $0.journal(after: 0, limit: 10) }
        for entry in entries {
            let hash = Chain.link(
                after: previous, seq: entry.seq, at: entry.at, kind: entry.kind,
                actor: entry.actor, actorName: entry.actorName, subject: entry.subject,
                facts: Array(entry.facts.utf8))
            try test.store.write {
                try $0.runUntold(
                    "UPDATE journal_event SET hash = ? WHERE seq = ?", [hash, entry.seq])
            }
            previous = hash
        }
        #expect(try test.verdict() == JournalVerdict(entries: 6))
        try test.tell(7)
        #expect(try test.verdict() == JournalVerdict(entries: 7))
        try test.attack(["UPDATE journal_event SET actor = 'x' WHERE seq = 3"])
        #expect(try test.verdict().fault == .altered(3))
    }
}

@Suite struct OriginTests {
    @Test func `an entry says from where it was asked, and origins are kept once`() throws {
        let test = try told(9)
        let entries = try test.store.read { try $0.journal(after: 0, limit: 10) }
        #expect(entries.map { $0.origin?.address } == (1...9).map { "10.0.0.\($0 % 3)" })
        #expect(entries[0].origin?.route == "POST /doors")
        #expect(
            try test.store.read { try $0.integer("SELECT count(*) FROM journal_origin") } == 3)
    }

    @Test func `the transaction's origin stands in where the caller has none`() throws {
        let test = try TestStore([journalSchema])
        let origin = Origin(address: "10.1.1.1", credential: "none", route: "POST /session")
        try test.store.write { tx in
            tx.origin = origin
            try tx.tell(opened, about: "", [:], by: .guest)
        }
        try test.store.write { try $0.tell(opened, about: "", [:], by: .guest) }
        let entries = try test.store.read { try $0.journal(after: 0, limit: 10) }
        #expect(entries.map(\.origin) == [origin, nil])
    }
}

@Suite struct PagingTests {
    /// Three hours in which the clock is set back once.
    private func days() throws -> (TestStore, [JournalEntry]) {
        let test = try TestStore([journalSchema])
        for number: Int64 in 1...120 {
            try test.clock.pass(seconds: number == 60 ? -5400 : 137)
            try test.tell(number, number % 10 == 0 ? refused : opened)
        }
        return (test, try test.store.read { try $0.journal(after: 0, limit: 1000) })
    }

    @Test func `every filter gives, page by page, what it says`() throws {
        let (test, entries) = try days()
        let (since, until) = (entries[40].at, entries[100].at)
        let filters: [(JournalFilter, (JournalEntry) -> Bool)] = [
            (JournalFilter(), { _ in true }),
            (JournalFilter(address: "10.0.0.1"), { $0.origin?.address == "10.0.0.1" }),
            (JournalFilter(address: "10.9.9.9"), { _ in false }),
            (JournalFilter(isRefusal: true), { $0.kind == refused.name }),
            (JournalFilter(isRefusal: false), { $0.kind != refused.name }),
            (
                JournalFilter(actor: "usr-1", isRefusal: true),
                {
                    $0.actor == "usr-1" && $0.kind == refused.name
                }
            ),
            (JournalFilter(since: since), { $0.at >= since }),
            (JournalFilter(until: until), { $0.at < until }),
            (
                JournalFilter(since: since, until: until, address: "10.0.0.2", isRefusal: true),
                {
                    $0.at >= since && $0.at < until && $0.origin?.address == "10.0.0.2"
                        && $0.kind == refused.name
                }
            ),
        ]
        for (filter, fits) in filters {
            var found: [JournalEntry] = []
            var before: Int64?
            repeat {
                let page = try test.store.read {
                    try $0.journalPage(filter, kinds: kinds, before: before, limit: 7)
                }
                found += page.entries
                before = page.next
            } while before != nil
            #expect(found == entries.reversed().filter(fits), "\(filter)")
        }
    }

    @Test func `a stretch of time is reached without reading what lies before and after`() throws {
        let (test, entries) = try days()
        let reach = try #require(
            try test.store.read {
                try $0.journalReach(since: entries[110].at, until: entries[115].at)
            })
        #expect(reach.contains(111) && reach.contains(116))
        let none = try test.store.read {
            try $0.journalReach(since: Instant(microseconds: 0), until: Instant(microseconds: 9))
        }
        #expect(none == nil)
        let plan = try test.store.plan(
            of: "SELECT min(first_seq) FROM journal_hour WHERE hour BETWEEN ? AND ?",
            [Int64(0), Int64(1)])
        #expect(plan.fullScans() == [])
    }
}
