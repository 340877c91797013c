// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import Synchronization
import TestKit
import Testing

@testable import Clockwork

/// What happens when a run cannot be recorded, or is cut off.
@Suite struct CutOffTests {
    private struct Killed: Error {}

    private func plan(_ tower: Tower, _ name: String, at next: Instant) throws {
        try tower.test.store.write { try $0.schedule(name, next: next) }
    }

    @Test func `a run that cannot be recorded is not tried over and over at once`() throws {
        let tower = try Tower()
        let runs = Runs()
        let keeper = tower.keeper([job("hourly", runs)])
        try plan(tower, "hourly", at: tower.clock.now())
        try tower.block(true)
        #expect(keeper.step(.common) == Timekeeper.pause)
        #expect(runs.all.isEmpty)
        try tower.block(false)
        #expect(keeper.step(.common) == 0)
        #expect(runs.count("hourly") == 1)
    }

    @Test func `a run that was asked for stays asked for while it cannot be recorded`() throws {
        let tower = try Tower()
        let runs = Runs()
        let keeper = tower.keeper([job("hourly", runs)])
        try plan(tower, "hourly", at: try tower.clock.now().adding(seconds: 3000))
        try tower.block(true)
        #expect(keeper.ask(for: "hourly"))
        for _ in 0..<3 { #expect(keeper.step(.common) == Timekeeper.pause) }
        try tower.block(false)
        #expect(keeper.step(.common) == 0)
        #expect(runs.count("hourly") == 1)
        #expect(keeper.step(.common) > 0)
        #expect(runs.count("hourly") == 1)
    }

    @Test func `an end that cannot be recorded is recorded once it can`() throws {
        let tower = try Tower()
        let runs = Runs()
        let keeper = tower.keeper([
            job("hourly", runs) { try tower.block(true) }
        ])
        try plan(tower, "hourly", at: tower.clock.now())
        #expect(keeper.step(.common) == 0)
        #expect(try tower.state("hourly")?.succeeded == nil)
        #expect(keeper.step(.common) == Timekeeper.pause)
        try tower.block(false)
        #expect(keeper.step(.common) > 0)
        let state = try #require(try tower.state("hourly"))
        #expect(state.succeeded == true)
        #expect(state.lastNote == "done hourly")
        #expect(state.openRuns == 0)
        #expect(runs.count("hourly") == 1)
    }

    @Test func `a run that was cut off is made up for soon, but not for ever`() throws {
        let tower = try Tower()
        let runs = Runs()
        let nightly = job("nightly", runs, .daily(hour: 20, minute: 10))
        let usual = try nightly.cadence.next(after: tower.clock.now(), in: .utc)
        try plan(tower, "nightly", at: usual)
        for wait in Timekeeper.catchUps {
            // A kill in the middle leaves the begin and nothing else.
            try tower.test.store.write { try $0.begin("nightly", next: usual) }
            let keeper = tower.keeper([nightly])
            try keeper.start()
            keeper.stop()
            let soon = try tower.clock.now().adding(seconds: wait)
            #expect(try tower.state("nightly")?.next == soon)
            #expect(try keeper.settled(tower.clock.now()).first?.next == soon)
        }
        try tower.test.store.write { try $0.begin("nightly", next: usual) }
        let keeper = tower.keeper([nightly])
        try keeper.start()
        keeper.stop()
        #expect(try tower.state("nightly")?.next == usual)
        keeper.run(nightly)
        #expect(try tower.state("nightly")?.openRuns == 0)
    }

    @Test func `a job that the stop of the box cuts off has not failed`() throws {
        let tower = try Tower()
        let stop = Mutex<Timekeeper?>(nil)
        let work = Job("nightly", "Work.", .daily(hour: 3, minute: 10)) { _ in
            stop.withLock { $0 }?.stop()
            throw Killed()
        }
        let keeper = tower.keeper([work])
        stop.withLock { $0 = keeper }
        defer { stop.withLock { $0 = nil } }
        try plan(tower, "nightly", at: tower.clock.now())
        #expect(keeper.run(work))
        let state = try #require(try tower.state("nightly"))
        #expect(state.succeeded == nil)
        #expect(state.openRuns == 1)
    }
}

/// A day of the site is not a day of the world.
@Suite struct MovedSiteTests {
    struct Move: CustomTestStringConvertible, Sendable {
        let from: String
        let to: String
        let hour: Int
        /// Hours after the Monday morning of the clock at which the site moves.
        let after: Int64
        var testDescription: String { "\(hour):10 from \(from) to \(to), \(after) h later" }
    }

    private static let zones = ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Auckland"]

    static let moves: [Move] = zones.flatMap { from -> [Move] in
        zones.flatMap { to -> [Move] in
            let night = [0, 3, 13, 20].map { Move(from: from, to: to, hour: 3, after: $0) }
            return night + [Move(from: from, to: to, hour: 12, after: 5)]
        }
    }

    @Test(arguments: moves)
    func `what is not due yet is planned anew where the site has moved to`(_ move: Move) throws {
        let tower = try Tower()
        let runs = Runs()
        let (from, to) = (try SiteZone(identifier: move.from), try SiteZone(identifier: move.to))
        let zone = Mutex(from)
        let daily = job("daily", runs, .daily(hour: move.hour, minute: 10))
        let jobs = [daily, job("weekly", runs, .every(minutes: 10_080))]
        let keeper = tower.keeper(jobs, zone: { zone.withLock { $0 } })
        try tower.clock.pass(seconds: move.after * 3600)
        let now = tower.clock.now()
        for job in jobs {
            try tower.test.store.write {
                try $0.schedule(job.name, next: try job.cadence.next(after: now, in: from))
            }
        }
        let before = try keeper.settled(now)
        zone.withLock { $0 = to }
        let after = try keeper.settled(now)
        let expected = try daily.cadence.next(after: now, in: to)
        #expect(after.first { $0.name == "daily" }?.next == expected)
        #expect(
            after.first { $0.name == "weekly" }?.next == before.first { $0.name == "weekly" }?.next)
    }

    @Test func `what is due already is not put off by a move`() throws {
        let tower = try Tower()
        let runs = Runs()
        let keeper = tower.keeper(
            [job("daily", runs, .daily(hour: 3, minute: 10))],
            zone: { (try? SiteZone(identifier: "Asia/Shanghai")) ?? .utc })
        let due = try tower.clock.now().adding(seconds: -60)
        try tower.test.store.write { try $0.schedule("daily", next: due) }
        #expect(try keeper.settled(tower.clock.now()).first?.next == due)
        #expect(keeper.step(.common) == 0)
        #expect(runs.count("daily") == 1)
    }
}
