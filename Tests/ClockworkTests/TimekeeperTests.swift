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

@Suite struct TimetableTests {
    /// Asks for `mark` and waits until its run has come: everything before it is over then.
    private func settle(_ keeper: Timekeeper, _ runs: Runs) throws {
        let before = runs.count("mark")
        #expect(keeper.ask(for: "mark"))
        while runs.count("mark") == before { try #require(runs.wait()) }
    }

    @Test func `a job waits for its time and then runs`() throws {
        let tower = try Tower()
        let runs = Runs()
        let keeper = tower.keeper([job("hourly", runs), job("mark", runs, .every(minutes: 9999))])
        try keeper.start()
        defer { keeper.stop() }
        try settle(keeper, runs)
        #expect(runs.count("hourly") == 0)
        try tower.clock.pass(seconds: 3600)
        try settle(keeper, runs)
        while runs.count("hourly") < 1 { try #require(runs.wait()) }
        try settle(keeper, runs)
        #expect(runs.count("hourly") == 1)
        let start = tower.clock.now()
        #expect(try tower.state("hourly")?.lastStart == start)
        #expect(try tower.state("hourly")?.next == (try start.adding(seconds: 3600)))
    }

    @Test func `what was missed while the box was off is caught up once`() throws {
        let tower = try Tower()
        let runs = Runs()
        let jobs = [
            job("hourly", runs), job("nightly", runs, .daily(hour: 3, minute: 10)),
            job("mark", runs, .every(minutes: 99_999)),
        ]
        let before = tower.keeper(jobs)
        try before.start()
        try settle(before, runs)
        before.stop()
        try tower.clock.pass(seconds: 5 * 86_400)
        let after = tower.keeper(jobs)
        try after.start()
        defer { after.stop() }
        while runs.count("hourly") < 1 || runs.count("nightly") < 1 { try #require(runs.wait()) }
        try settle(after, runs)
        try settle(after, runs)
        #expect(runs.count("hourly") == 1)
        #expect(runs.count("nightly") == 1)
        #expect(try #require(try tower.state("nightly")).next > tower.clock.now())
    }

    @Test func `a restart before the time does not put it off`() throws {
        let tower = try Tower()
        let runs = Runs()
        let jobs = [job("hourly", runs), job("mark", runs, .every(minutes: 9999))]
        let before = tower.keeper(jobs)
        try before.start()
        try settle(before, runs)
        before.stop()
        let due = try tower.state("hourly")?.next
        try tower.clock.pass(seconds: 1800)
        let after = tower.keeper(jobs)
        try after.start()
        defer { after.stop() }
        try settle(after, runs)
        #expect(try tower.state("hourly")?.next == due)
    }

    @Test func `a clock that was years ahead does not keep a job waiting for years`() throws {
        let tower = try Tower()
        let runs = Runs()
        let jobs = [job("hourly", runs), job("mark", runs, .every(minutes: 60))]
        let years: Int64 = 10 * 365 * 86_400
        try tower.clock.pass(seconds: years)
        let ahead = tower.keeper(jobs)
        try ahead.start()
        try settle(ahead, runs)
        ahead.stop()
        try tower.clock.pass(seconds: -years)
        let keeper = tower.keeper(jobs)
        let latest = try tower.clock.now().adding(seconds: 3600)
        #expect(try keeper.settled(tower.clock.now()).allSatisfy { $0.next <= latest })
        try keeper.start()
        defer { keeper.stop() }
        try settle(keeper, runs)
        #expect(runs.count("hourly") == 0)
        try tower.clock.pass(seconds: 3600)
        try settle(keeper, runs)
        while runs.count("hourly") < 1 { try #require(runs.wait()) }
    }

    @Test func `a job of an older program is taken from the timetable`() throws {
        let tower = try Tower()
        let runs = Runs()
        let old = tower.keeper([job("gone", runs), job("mark", runs)])
        try old.start()
        try settle(old, runs)
        old.stop()
        let new = tower.keeper([job("mark", runs)])
        try new.start()
        defer { new.stop() }
        try settle(new, runs)
        #expect(try tower.state("gone") == nil)
        #expect(!new.ask(for: "gone"))
    }

    @Test func `a job runs once at a time, and another waits for it`() throws {
        let tower = try Tower()
        let runs = Runs()
        let gate = DispatchSemaphore(value: 0)
        let slow = job("slow", runs) { gate.wait() }
        let keeper = tower.keeper([slow, job("mark", runs)])
        try keeper.start()
        defer { keeper.stop() }
        #expect(keeper.ask(for: "slow"))
        try #require(runs.wait())
        #expect(keeper.running.keys.contains("slow"))
        // Asked for twice while it runs: that is one more run, after this one.
        #expect(keeper.ask(for: "slow"))
        #expect(keeper.ask(for: "slow"))
        #expect(keeper.ask(for: "mark"))
        #expect(runs.all == ["slow"])
        gate.signal()
        gate.signal()
        while runs.all.count < 3 { try #require(runs.wait()) }
        #expect(runs.all == ["slow", "slow", "mark"])
    }
}

@Suite struct RunRecordTests {
    @Test func `a run leaves its start, its end and its line`() throws {
        let tower = try Tower()
        let runs = Runs()
        let work = Job("try.work", "Work.", .every(minutes: 10)) { [clock = tower.clock] _ in
            try clock.pass(seconds: 4)
            return "4 seconds"
        }
        let keeper = tower.keeper([work])
        let start = tower.clock.now()
        try tower.test.store.write { try $0.schedule("try.work", next: start) }
        keeper.run(work)
        let state = try #require(try tower.state("try.work"))
        #expect(state.lastStart == start)
        #expect(state.lastEnd == (try start.adding(seconds: 4)))
        #expect(state.succeeded == true)
        #expect(state.lastNote == "4 seconds")
        #expect(keeper.running.isEmpty)
        #expect(runs.all.isEmpty)
    }

    @Test func `a refusal is noted by its code, another error by no more than that`() throws {
        struct Inside: Error { let secret = "p4ss" }
        let errors: [(any Error & Sendable, String)] = [
            (AccessRefusal.unauthenticated, "access.unauthenticated"),
            (Inside(), "internal error, see the log"),
        ]
        for (error, note) in errors {
            let tower = try Tower()
            let work = Job("try.work", "Work.", .every(minutes: 10)) { _ in throw error }
            try tower.test.store.write { try $0.schedule("try.work", next: tower.clock.now()) }
            let keeper = tower.keeper([work])
            keeper.run(work)
            let state = try #require(try tower.state("try.work"))
            #expect(state.succeeded == false)
            #expect(state.lastNote == note)
            #expect(state.lastEnd != nil)
            #expect(state.next > tower.clock.now())
            #expect(tower.lines.withLock { $0.count } == 1)
            #expect(keeper.running.isEmpty)
        }
    }

    @Test func `the next time is set before the work, so a crash in it does not repeat it`() throws
    {
        let tower = try Tower()
        let seen = Mutex<JobState?>(nil)
        let work = Job("try.work", "Work.", .every(minutes: 10)) { context in
            let state = try context.store.read { try $0.jobStates().first }
            seen.withLock { $0 = state }
            return ""
        }
        try tower.test.store.write { try $0.schedule("try.work", next: tower.clock.now()) }
        tower.keeper([work]).run(work)
        let during = try #require(seen.withLock { $0 })
        #expect(during.next == (try tower.clock.now().adding(seconds: 600)))
        #expect(during.lastEnd == nil)
        #expect(during.succeeded == nil)
    }
}
