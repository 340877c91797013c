// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
package import Kernel
package import SealedStore
import Synchronization

/// Runs the jobs at their times, those of one lane one after the other, each lane on a thread of its
/// own.
///
/// One thread makes every job single-flight by construction. It sleeps until the earliest due time
/// or until it is rung; the times are rows, so a restart or a jump of the clock loses none.
package final class Timekeeper: Sendable {
    private let store: SealedStore
    private let jobs: [Job]
    private let zone: @Sendable () -> SiteZone
    private let clock: @Sendable () -> Instant
    private let log: @Sendable (String) -> Void
    private let bells: [Lane: Bell]
    private let state = Mutex(State())

    private struct State {
        var asked: [String] = []
        /// Jobs that run now, with how much is done; nil of one that does not tell.
        var running: [String: Int?] = [:]
        var stopping = false
    }

    /// - Parameters:
    ///   - zone: the site's zone, asked before each planning since set-up may change it.
    ///   - log: takes one line about a failed run.
    package init(
        store: SealedStore, jobs: [Job], zone: @escaping @Sendable () -> SiteZone,
        clock: @escaping @Sendable () -> Instant, log: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.jobs = jobs
        self.zone = zone
        self.clock = clock
        self.log = log
        bells = Dictionary(uniqueKeysWithValues: Set(jobs.map(\.lane)).map { ($0, Bell()) })
    }

    /// The jobs that run now, each with how much is done in percent; nil of one that does not tell.
    package var running: [String: Int?] { state.withLock { $0.running } }

    /// Puts all jobs on the timetable and starts the thread.
    package func start() throws {
        let first = try jobs.map { ($0.name, try $0.cadence.next(after: clock(), in: zone())) }
        try store.write { tx in
            try tx.unschedule(except: first.map(\.0))
            for (name, next) in first { try tx.schedule(name, next: next) }
        }
        for (lane, bell) in bells {
            let thread = Thread { [self] in
                while !state.withLock({ $0.stopping }) { turn(lane, bell) }
                bell.ring()
            }
            thread.name = "timekeeper"
            thread.start()
        }
    }

    /// Asks for a run now. Returns false when no job has this name.
    package func ask(for name: String) -> Bool {
        guard let job = jobs.first(where: { $0.name == name }) else { return false }
        state.withLock { if !$0.asked.contains(name) { $0.asked.append(name) } }
        bells[job.lane]?.ring()
        return true
    }

    /// Lets the running job end and stops.
    package func stop() {
        state.withLock { $0.stopping = true }
        for bell in bells.values { bell.ring() }
    }

    /// One turn: run what was asked for or is due, else sleep until the next due time.
    private func turn(_ lane: Lane, _ bell: Bell) {
        do {
            if let job = try due(lane) {
                run(job)
            } else {
                bell.wait(seconds: try secondsToNext(lane))
            }
        } catch {
            log("timetable: \(error)")
            bell.wait(seconds: 60)
        }
    }

    private func due(_ lane: Lane) throws -> Job? {
        let mine = jobs.filter { $0.lane == lane }
        let asked = state.withLock { state -> Job? in
            for (place, name) in state.asked.enumerated() {
                guard let job = mine.first(where: { $0.name == name }) else { continue }
                state.asked.remove(at: place)
                return job
            }
            return nil
        }
        if let asked { return asked }
        let now = clock()
        let states = try settled(now).filter { one in mine.contains { $0.name == one.name } }
        let name = states.filter { $0.next <= now }.min { $0.next < $1.next }?.name
        return mine.first { $0.name == name }
    }

    /// The timetable, with times put right that lie further off than the next turn of their job:
    /// the clock was ahead when they were set, or the site has moved to another zone.
    func settled(_ now: Instant) throws -> [JobState] {
        let states = try store.read { try $0.jobStates() }
        let zone = zone()
        let ahead = try jobs.compactMap { job in
            let next = try job.cadence.next(after: now, in: zone)
            let isAhead = states.contains { $0.name == job.name && $0.next > next }
            return isAhead ? (name: job.name, next: next) : nil
        }
        guard !ahead.isEmpty else { return states }
        return try store.write { tx in
            for job in ahead { try tx.reschedule(job.name, next: job.next) }
            return try tx.jobStates()
        }
    }

    /// At least a tick, at most a minute: a clock that was set is noticed within that time.
    private func secondsToNext(_ lane: Lane) throws -> Int {
        let names = Set(jobs.filter { $0.lane == lane }.map(\.name))
        let states = try store.read { try $0.jobStates() }.filter { names.contains($0.name) }
        guard let next = states.map(\.next).min() else { return 60 }
        let wait = (next.microseconds - clock().microseconds) / 1_000_000 + 1
        return Int(min(60, max(1, wait)))
    }

    /// Runs `job` here and now and records how it went. Tests call it directly.
    package func run(_ job: Job) {
        state.withLock { $0.running[job.name] = .some(nil) }
        defer { state.withLock { $0.running[job.name] = nil } }
        do {
            let zone = zone()
            let next = try job.cadence.next(after: clock(), in: zone)
            try store.write { try $0.begin(job.name, next: next) }
            let caller = Caller.system("job")
            do {
                let context = JobContext(store: store, zone: zone, caller: caller) { percent in
                    self.state.withLock { $0.running[job.name] = min(100, max(0, percent)) }
                }
                let note = try job.run(context)
                try store.write { try $0.end(job.name, succeeded: true, note: note) }
            } catch {
                log("job \(job.name): \(error)")
                let note = (error as? any Refusal)?.code ?? "internal error, see the log"
                try store.write { try $0.end(job.name, succeeded: false, note: note) }
            }
        } catch {
            log("job \(job.name): its run could not be recorded: \(error)")
        }
    }
}
