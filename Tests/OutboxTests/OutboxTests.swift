// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Journal
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Outbox

/// A sealed store with an outbox, a clock that is moved by hand, and a few targets.
private struct Post {
    let kept: TestStore
    var store: SealedStore { kept.store }

    init() throws { kept = try TestStore([journalSchema, outboxSchema]) }

    static func target(_ name: String = "nas", secret: String = "s3cr3t") -> ErrandTarget {
        ErrandTarget(
            name: name,
            place: .s3(
                ErrandTarget.Bucket(
                    endpoint: "https://s3.example.org", bucket: "box-backups", prefix: "",
                    region: "eu-central-1", accessKey: "AKIA", secretKey: SecretText(secret),
                    pathStyle: true)))
    }

    static func put(_ name: String) throws -> Errand.Work {
        .put(
            object: try ObjectName(name), file: "/spool/\(name)", size: 1,
            sha256: String(repeating: "0", count: 64))
    }

    @discardableResult
    func enqueue(
        _ work: Errand.Work, to target: ErrandTarget = target(), telling: ErrandTelling = .all
    ) throws -> ErrandID {
        try store.write {
            try Outbox.enqueue(Errand(target: target, work: work), telling: telling, in: $0)
        }
    }

    func claim(holding: Set<Int64> = [], most: Int = 16) throws -> [NumberedErrand] {
        try store.write { try claimErrands(holding: holding, most: most, in: $0) }
    }

    func report(_ id: Int64, _ outcome: Outcome) throws {
        try store.write { try settle(ErrandReport(id: id, outcome: outcome), in: $0) }
    }

    func fail(_ id: Int64, _ reason: Outcome.Reason) throws {
        try report(id, .undone(reason, text: "Because."))
    }

    func state(_ id: ErrandID) throws -> QueuedErrand? {
        try store.read { try errand(id, in: $0) }
    }

    func told() throws -> [String] {
        try store.read { try $0.journal(after: 0, limit: 1000) }.map(\.kind)
    }
}

struct OutboxTests {
    private let post: Post

    init() throws { post = try Post() }

    @Test func `restored books give no number that the books before may have given`() throws {
        // Whether or not there was an errand before.
        for hasErrands in [false, true] {
            let post = try Post()
            if hasErrands { try post.enqueue(try Post.put("a")) }
            let seconds = try post.store.write { tx in
                try skipErrandNumbers(in: tx)
                return tx.now.microseconds / 1_000_000
            }
            try post.enqueue(try Post.put("b"))
            #expect(try post.claim().map(\.id).max() == seconds + 1)
        }
    }

    @Test func `an errand goes out with its target and comes back done`() throws {
        let id = try post.enqueue(try Post.put("a"))
        #expect(try post.state(id)?.state == .waiting)
        let claimed = try post.claim()
        #expect(
            claimed == [
                NumberedErrand(
                    id: id.raw, errand: Errand(target: Post.target(), work: try Post.put("a")))
            ])
        #expect(try post.state(id)?.state == .claimed)
        #expect(try post.claim(holding: [id.raw]) == [])
        try post.report(id.raw, .done(.stored))
        let done = try post.state(id)
        #expect(done?.state == .done)
        #expect(done?.answer == .stored)
        #expect(done?.attempts == 1)
        #expect(try post.told() == ["errand.done"])
    }

    @Test func `an errand of a change that is undone is not sent`() throws {
        struct Undone: Error {}
        let target = Post.target()
        let work = try Post.put("a")
        #expect(throws: Undone.self) {
            try post.store.write { tx in
                try enqueue(Errand(target: target, work: work), in: tx)
                throw Undone()
            }
        }
        #expect(try post.claim() == [])
    }

    @Test func `what a courier does not hold any more is given out again`() throws {
        let ids = try ["a", "b", "c"].map { try post.enqueue(try Post.put($0)).raw }
        #expect(try post.claim().map(\.id) == ids)
        // It says that it holds the second: the others were lost with it or on the way.
        #expect(try post.claim(holding: [ids[1]]).map(\.id) == [ids[0], ids[2]])
        #expect(try post.claim(holding: Set(ids)) == [])
        try post.report(ids[0], .done(.stored))
        #expect(try post.claim(holding: []).map(\.id) == [ids[1], ids[2]])
        #expect(try post.state(ErrandID(ids[1]))?.attempts == 2)
    }

    @Test func `a look says whether a claim would change anything`() throws {
        func needs(_ holding: Set<Int64>) throws -> Bool {
            try post.store.read { try needsClaim(holding: holding, in: $0) }
        }
        #expect(try !needs([]))
        let id = try post.enqueue(try Post.put("a")).raw
        #expect(try needs([]))
        _ = try post.claim()
        #expect(try !needs([id]))
        #expect(try needs([]))
    }

    @Test func `a report that comes twice, or of something unknown, changes nothing`() throws {
        let id = try post.enqueue(try Post.put("a"))
        _ = try post.claim()
        try post.report(id.raw, .done(.stored))
        let before = try post.store.tableHashes()
        try post.report(id.raw, .done(.stored))
        try post.fail(id.raw, .fileMissing)
        try post.report(id.raw + 1000, .done(.stored))
        #expect(try post.store.tableHashes() == before)
    }

    @Test
    func `a target that does not answer pauses as a whole, longer each time, and loses nothing`()
        throws
    {
        let ids = try ["a", "b", "c", "d"].map { try post.enqueue(try Post.put($0)).raw }
        let other = try post.enqueue(try Post.put("x"), to: Post.target("usb")).raw
        let first = try post.claim()
        #expect(first.map(\.id) == ids + [other])
        for id in ids { try post.fail(id, .unreachable) }
        try post.report(other, .done(.stored))
        let target = { try post.store.read { try targetStates(in: $0) }.first { $0.name == "nas" } }
        // Four errands failed together, which is one failure of the target.
        #expect(try target()?.failures == 1)
        #expect(try target()?.reason == .unreachable)
        var seconds: [Int64] = []
        for failures in 2...12 {
            let until = try #require(try target()?.pausedUntil)
            let pause = (until.microseconds - post.kept.clock.now().microseconds) / 1_000_000
            seconds.append(pause)
            #expect(try post.claim() == [])
            try post.kept.clock.pass(seconds: pause - 1)
            #expect(try post.claim() == [])
            try post.kept.clock.pass(seconds: 1)
            // One is tried, the others wait for how it goes.
            let trial = try post.claim()
            #expect(trial.map(\.id) == [ids[0]])
            try post.fail(ids[0], .unreachable)
            #expect(try target()?.failures == failures)
        }
        for (one, next) in zip(seconds, seconds.dropFirst()).prefix(6) { #expect(one < next) }
        #expect(seconds.allSatisfy { (24...4320).contains($0) })
        #expect(try post.told().filter { $0 == "errand.delayed" }.count == 1)
        try post.kept.clock.pass(seconds: 4320)
        #expect(try post.claim().map(\.id) == [ids[0]])
        try post.report(ids[0], .done(.stored))
        #expect(try target()?.failures == 0)
        #expect(try post.claim().map(\.id) == Array(ids.dropFirst()))
    }

    @Test func `what only a person can mend is told at once, and new credentials end the pause`()
        throws
    {
        let id = try post.enqueue(try Post.put("a")).raw
        _ = try post.claim()
        try post.fail(id, .credentialsRefused)
        #expect(try post.told() == ["errand.delayed"])
        #expect(try post.claim() == [])
        // The same target again changes nothing.
        try post.store.write { try keep(Post.target(), in: $0) }
        #expect(try post.claim() == [])
        let mended = Post.target(secret: "another")
        try post.store.write { try keep(mended, in: $0) }
        #expect(try post.claim().map(\.errand.target) == [mended])
    }

    @Test func `an errand whose file is gone fails for good and says so`() throws {
        for (name, reason) in [("a", Outcome.Reason.fileMissing), ("b", .fileChanged)] {
            let id = try post.enqueue(try Post.put(name), telling: .failures)
            _ = try post.claim()
            try post.fail(id.raw, reason)
            #expect(try post.state(id)?.state == .failed)
            #expect(try post.state(id)?.reason == reason)
        }
        #expect(try post.told() == ["errand.failed", "errand.failed"])
        try post.kept.clock.pass(seconds: 100_000)
        #expect(try post.claim() == [])
    }

    @Test func `an errand that fails by itself is postponed and the others go on`() throws {
        let id = try post.enqueue(try Post.put("a"))
        _ = try post.claim()
        for attempt in 1...ErrandPatience.tellsAt {
            try post.fail(id.raw, .notVerified)
            let other = try post.enqueue(try Post.put("other\(attempt)"), telling: .failures).raw
            #expect(try post.claim().map(\.id) == [other])
            try post.report(other, .done(.stored))
            try post.kept.clock.pass(seconds: 4320)
            #expect(try post.claim().map(\.id) == [id.raw])
        }
        #expect(try post.told() == ["errand.delayed"])
        #expect(try post.state(id)?.note == "Because.")
    }

    @Test func `an errand that its target never takes does not stand in the way of others`() throws
    {
        let poison = try post.enqueue(try Post.put("poison"))
        let others = try (0..<4).map {
            try post.enqueue(try Post.put("o\($0)"), telling: .failures)
        }
        #expect(try post.claim(most: 1).map(\.id) == [poison.raw])
        try post.fail(poison.raw, .refused)
        // The target may be at fault: it pauses, and then another errand is tried.
        #expect(try post.claim() == [])
        try post.kept.clock.pass(seconds: 24)
        var isFirst = true
        while try post.state(others[3])?.state != .done {
            for one in try post.claim(most: 1) {
                #expect(one.id != poison.raw || !isFirst)
                isFirst = false
                if one.id == poison.raw {
                    try post.fail(one.id, .refused)
                } else {
                    try post.report(one.id, .done(.stored))
                }
            }
            try post.kept.clock.pass(seconds: 1)
            let passed = post.kept.clock.now().microseconds - TestClock.monday.microseconds
            try #require(passed < 600_000_000)
        }
        #expect(try post.state(poison)?.state == .waiting)
    }

    @Test func `a target that keeps what was to be deleted is still stored to`() throws {
        let delete = try post.enqueue(.delete(object: try ObjectName("old")))
        _ = try post.claim()
        try post.fail(delete.raw, .accessDenied)
        let put = try post.enqueue(try Post.put("new")).raw
        #expect(try post.claim().map(\.id) == [put])
        #expect(try post.state(delete)?.state == .waiting)
    }

    @Test func `a question is answered with a no, or given up after a few tries`() throws {
        let refused = try post.enqueue(.probe)
        _ = try post.claim()
        try post.fail(refused.raw, .credentialsRefused)
        #expect(try post.state(refused)?.state == .failed)
        let unanswered = try post.enqueue(.list(prefix: "", after: nil, limit: 10))
        for _ in 0..<ErrandPatience.questionAttempts {
            #expect(try post.claim().map(\.id) == [unanswered.raw])
            try post.fail(unanswered.raw, .unreachable)
            try post.kept.clock.pass(seconds: 4320)
        }
        #expect(try post.state(unanswered)?.state == .failed)
        #expect(try post.claim() == [])
        #expect(try post.told() == ["errand.failed", "errand.failed"])
    }

    @Test func `a question goes before everything else, also to a target that pauses`() throws {
        let puts = try (0..<20).map { try post.enqueue(try Post.put("p\($0)")).raw }
        _ = try post.claim(most: 1)
        try post.fail(puts[0], .unreachable)
        let probe = try post.enqueue(.probe).raw
        #expect(try post.claim(most: 3).map(\.id) == [probe])
        try post.report(probe, .done(.probed(mayDelete: true)))
        // It answers again, so the pause is over.
        #expect(try post.claim(most: 3).map(\.id) == Array(puts[0..<3]))
    }

    @Test func `a clock that was ahead does not hold anything up`() throws {
        let ids = try ["a", "b"].map { try post.enqueue(try Post.put($0)).raw }
        _ = try post.claim()
        try post.fail(ids[0], .notVerified)
        try post.fail(ids[1], .unreachable)
        #expect(try post.claim() == [])
        // What is left of a time when the clock was ten days ahead, after a restart.
        try post.store.write { tx in
            let ahead = try tx.now.adding(seconds: 10 * 86_400)
            try tx.runUntold("UPDATE outbox_errand SET due_us = ?", [ahead])
            try tx.runUntold("UPDATE outbox_target SET paused_until_us = ?", [ahead])
        }
        #expect(try post.claim().map(\.id) == [ids[0]])
        try post.report(ids[0], .done(.stored))
        #expect(try post.claim().map(\.id) == [ids[1]])
    }

    @Test func `errands to a target are given up together`() throws {
        let ids = try ["a", "b"].map { try post.enqueue(try Post.put($0)) }
        let other = try post.enqueue(try Post.put("c"), to: Post.target("usb"))
        _ = try post.claim(most: 1)
        let count = try post.store.write { tx in
            try giveUpErrands(to: "nas", by: .system("test"), in: tx)
        }
        #expect(count == 2)
        #expect(try ids.allSatisfy { try post.state($0)?.state == .failed })
        #expect(try post.told() == ["errand.failed"])
        #expect(try post.claim().map(\.id) == [other.raw])
    }

    @Test func `lists tell what waits, and what is done is forgotten in time`() throws {
        let ids = try (0..<5).map { try post.enqueue(try Post.put("p\($0)"), telling: .failures) }
        func listed(_ state: ErrandState, after: ErrandID? = nil) throws -> [ErrandID] {
            try post.store.read { try errands(in: state, after: after, limit: 2, in: $0) }.map(\.id)
        }
        #expect(try listed(.waiting) == Array(ids[0..<2]))
        #expect(try listed(.waiting, after: ids[1]) == Array(ids[2..<4]))
        let backlog = try post.store.read { try Outbox.backlog(of: "nas", in: $0) }
        #expect(backlog.count == 5)
        #expect(backlog.oldest == TestClock.monday)
        _ = try post.claim(most: 3)
        for id in ids[0..<2] { try post.report(id.raw, .done(.stored)) }
        #expect(try listed(.claimed) == [ids[2]])
        #expect(try post.told() == [])
        func forget(_ seconds: Int64) throws -> Int {
            try post.store.write {
                try forgetErrands(
                    .done, before: try TestClock.monday.adding(seconds: seconds), limit: 10, in: $0)
            }
        }
        #expect(try forget(0) == 0)
        #expect(try forget(1) == 2)
        #expect(try post.state(ids[0]) == nil)
        #expect(try post.state(ids[2])?.state == .claimed)
        // A number is never given twice: a late report must not settle another errand.
        #expect(try post.enqueue(try Post.put("new")).raw == ids[4].raw + 1)
    }

    @Test func `a target that cannot be addressed is refused at the door`() throws {
        var target = Post.target()
        target.name = "a/b"
        #expect(throws: ErrandRefusal.self) { try post.enqueue(.probe, to: target) }
        #expect(try post.claim() == [])
    }

    @Test func `pauses double up to an hour, give or take a fifth`() {
        for failures in 1...100 {
            let middle: Int64 = min(3600, 30 << Int64(min(failures - 1, 7)))
            var seen: Set<Int64> = []
            for seed in Int64(0)..<200 {
                let seconds = ErrandPatience.seconds(after: failures, seed: seed)
                #expect((middle * 80 / 100...middle * 120 / 100).contains(seconds))
                seen.insert(seconds)
            }
            #expect(seen.count > 5)
        }
        #expect(ErrandPatience.seconds(after: .max, seed: .min) > 0)
        #expect(ErrandPatience.seconds(after: .min, seed: .max) > 0)
    }

    @Test func `queries use their indexes`() throws {
        let plans = try post.store.read { tx in
            try [
                "SELECT id FROM outbox_errand WHERE state = 'claimed'",
                """
                SELECT id FROM outbox_errand INDEXED BY outbox_errand_due WHERE target = 'a' AND state = 'waiting'
                    AND question = 0 AND (due_us <= 1 OR due_us > 2) ORDER BY due_us, id LIMIT 3
                """,
                "SELECT id FROM outbox_errand WHERE state = 'done' AND id > 4 ORDER BY id LIMIT 2",
                """
                SELECT id FROM outbox_errand INDEXED BY outbox_errand_question WHERE question = 1 AND state = 'waiting'
                    AND (due_us <= 1 OR due_us > 2) ORDER BY due_us, id LIMIT 3
                """,
            ].map { try tx.all("EXPLAIN QUERY PLAN " + $0) { $0.text(3) }.joined(separator: "; ") }
        }
        for plan in plans {
            #expect(plan.contains("USING"), "\(plan)")
            #expect(!plan.contains("TEMP B-TREE"), "\(plan)")
        }
    }
}
