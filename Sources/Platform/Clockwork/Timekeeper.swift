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
        /// Ends that could not be recorded, such as on a full disk; each is tried again.
        var ends: [RunEnd] = []
        var stopping = false
    }

    private struct RunEnd {
        let name: String
        let succeeded: Bool
        let note: String
    }

    /// Seconds until it is tried again to record what could not be recorded.
    static let pause = 60
    /// Seconds after a start until a run that was cut off is made up for, by how often it was begun
    /// in vain. One that is cut off more often, and may be why, waits for its usual time.
    static let catchUps: [Int64] = [300, 1200, 4800]

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

    /// Puts all jobs on the timetable and starts the threads. A run that was cut off by a kill or a
    /// stop is made up for soon.
    package func start() throws {
        let now = clock()
        let first = try jobs.map { ($0.name, try $0.cadence.next(after: now, in: zone())) }
        try store.write { tx in
            try tx.unschedule(except: first.map(\.0))
            for (name, next) in first { try tx.schedule(name, next: next) }
            for job in try tx.jobStates() where Self.catchUps.indices ~= job.openRuns - 1 {
                let soon = try now.adding(seconds: Self.catchUps[job.openRuns - 1])
                if soon < job.next { try tx.reschedule(job.name, next: soon) }
            }
        }
        for (lane, bell) in bells {
            let thread = Thread { [self] in
                while !state.withLock({ $0.stopping }) {
                    let rest = step(lane)
                    if rest > 0 { bell.wait(seconds: rest) }
                }
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

    /// One step of a lane: runs what was asked for or is due. Returns the seconds to rest after it.
    func step(_ lane: Lane) -> Int {
        do {
            try recordEnds(of: lane)
            guard let (job, wasAsked) = try due(lane) else { return try secondsToNext(lane) }
            guard !run(job, isAsked: wasAsked) else { return 0 }
            // What could not begin stays asked for, and is not tried over and over at once.
            if wasAsked { state.withLock { $0.asked.insert(job.name, at: 0) } }
        } catch {
            log("timetable: \(error)")
        }
        return Self.pause
    }

    private func recordEnds(of lane: Lane) throws {
        let names = Set(jobs.filter { $0.lane == lane }.map(\.name))
        while let end = state.withLock({ $0.ends.first { names.contains($0.name) } }) {
            try store.write { try $0.end(end.name, succeeded: end.succeeded, note: end.note) }
            state.withLock { state in state.ends.removeAll { $0.name == end.name } }
        }
    }

    private func due(_ lane: Lane) throws -> (job: Job, wasAsked: Bool)? {
        let mine = jobs.filter { $0.lane == lane }
        let asked = state.withLock { state -> Job? in
            for (place, name) in state.asked.enumerated() {
                guard let job = mine.first(where: { $0.name == name }) else { continue }
                state.asked.remove(at: place)
                return job
            }
            return nil
        }
        if let asked { return (asked, true) }
        let now = clock()
        let states = try settled(now).filter { one in mine.contains { $0.name == one.name } }
        let name = states.filter { $0.next <= now }.min { $0.next < $1.next }?.name
        return mine.first { $0.name == name }.map { ($0, false) }
    }

    /// The timetable, with times put right: those further off than the next turn of their job, as
    /// after a clock that was ahead; and those at a time of the day that are not due yet and would be
    /// another instant now, as when set-up has told where the site is.
    func settled(_ now: Instant) throws -> [JobState] {
        let states = try store.read { try $0.jobStates() }
        let zone = zone()
        let wrong = try jobs.compactMap { job in
            let next = try job.cadence.next(after: now, in: zone)
            let isWrong = states.contains { state in
                guard state.name == job.name else { return false }
                let isPlanned = state.next > now && state.openRuns == 0
                return state.next > next
                    || job.cadence.isDaily && isPlanned && state.next != next
            }
            return isWrong ? (name: job.name, next: next) : nil
        }
        guard !wrong.isEmpty else { return states }
        return try store.write { tx in
            for job in wrong { try tx.reschedule(job.name, next: job.next) }
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
    ///
    /// - Parameter isAsked: whether somebody asked for this run.
    /// - Returns: false when its begin could not be recorded, and it did not run.
    @discardableResult
    package func run(_ job: Job, isAsked: Bool = false) -> Bool {
        let wasStopping = state.withLock { state in
            state.running[job.name] = .some(nil)
            return state.stopping
        }
        defer { state.withLock { $0.running[job.name] = nil } }
        let zone = zone()
        do {
            let next = try job.cadence.next(after: clock(), in: zone)
            try store.write { try $0.begin(job.name, next: next) }
        } catch {
            log("job \(job.name): its run could not be recorded: \(error)")
            return false
        }
        let caller = Caller.system("job").from(.own("job", job.name))
        let context = JobContext(
            store: store, zone: zone, caller: caller, isAsked: isAsked
        ) { percent in
            self.state.withLock { $0.running[job.name] = min(100, max(0, percent)) }
        }
        do {
            record(RunEnd(name: job.name, succeeded: true, note: try job.run(context)))
        } catch {
            log("job \(job.name): \(error)")
            // Not the job failed but the box stops: the next start makes up for it.
            guard wasStopping || !state.withLock({ $0.stopping }) else { return true }
            let note = (error as? any Refusal)?.code ?? "internal error, see the log"
            record(RunEnd(name: job.name, succeeded: false, note: note))
        }
        return true
    }

    private func record(_ end: RunEnd) {
        do {
            try store.write { try $0.end(end.name, succeeded: end.succeeded, note: end.note) }
        } catch {
            log("job \(end.name): its end could not be recorded: \(error)")
            state.withLock { $0.ends.append(end) }
        }
    }
}
