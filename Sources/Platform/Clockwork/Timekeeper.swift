// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
package import Kernel
package import SealedStore
import Synchronization

/// Runs the jobs at their times, one after the other, on a thread of its own.
///
/// One thread makes every job single-flight by construction. It sleeps until the earliest due time
/// or until it is rung; the times are rows, so a restart or a jump of the clock loses none.
package final class Timekeeper: Sendable {
    private let store: SealedStore
    private let jobs: [Job]
    private let zone: @Sendable () -> SiteZone
    private let clock: @Sendable () -> Instant
    private let log: @Sendable (String) -> Void
    private let bell = Bell()
    private let state = Mutex(State())

    private struct State {
        var asked: [String] = []
        var running: String?
        var percent: Int?
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
    }

    /// The name of the job that runs now.
    package var running: String? { state.withLock { $0.running } }

    /// How much of the running job is done, in percent; nil when it does not tell.
    package var percent: Int? { state.withLock { $0.percent } }

    /// Puts all jobs on the timetable and starts the thread.
    package func start() throws {
        let first = try jobs.map { ($0.name, try $0.cadence.next(after: clock(), in: zone())) }
        try store.write { tx in
            try tx.unschedule(except: first.map(\.0))
            for (name, next) in first { try tx.schedule(name, next: next) }
        }
        let thread = Thread { [self] in
            while !state.withLock({ $0.stopping }) { turn() }
            bell.ring()
        }
        thread.name = "timekeeper"
        thread.start()
    }

    /// Asks for a run now. Returns false when no job has this name.
    package func ask(for name: String) -> Bool {
        guard jobs.contains(where: { $0.name == name }) else { return false }
        state.withLock { if !$0.asked.contains(name) { $0.asked.append(name) } }
        bell.ring()
        return true
    }

    /// Lets the running job end and stops.
    package func stop() {
        state.withLock { $0.stopping = true }
        bell.ring()
    }

    /// One turn: run what was asked for or is due, else sleep until the next due time.
    private func turn() {
        do {
            if let job = try due() {
                run(job)
            } else {
                bell.wait(seconds: try secondsToNext())
            }
        } catch {
            log("timetable: \(error)")
            bell.wait(seconds: 60)
        }
    }

    private func due() throws -> Job? {
        if let name = state.withLock({ $0.asked.isEmpty ? nil : $0.asked.removeFirst() }) {
            return jobs.first { $0.name == name }
        }
        let now = clock()
        let states = try settled(now)
        let name = states.filter { $0.next <= now }.min { $0.next < $1.next }?.name
        return jobs.first { $0.name == name }
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
    private func secondsToNext() throws -> Int {
        let states = try store.read { try $0.jobStates() }
        guard let next = states.map(\.next).min() else { return 60 }
        let wait = (next.microseconds - clock().microseconds) / 1_000_000 + 1
        return Int(min(60, max(1, wait)))
    }

    /// Runs `job` here and now and records how it went. Tests call it directly.
    package func run(_ job: Job) {
        state.withLock { ($0.running, $0.percent) = (job.name, nil) }
        defer { state.withLock { ($0.running, $0.percent) = (nil, nil) } }
        do {
            let zone = zone()
            let next = try job.cadence.next(after: clock(), in: zone)
            try store.write { try $0.begin(job.name, next: next) }
            let caller = Caller.system("job")
            do {
                let context = JobContext(store: store, zone: zone, caller: caller) { percent in
                    self.state.withLock { $0.percent = min(100, max(0, percent)) }
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
