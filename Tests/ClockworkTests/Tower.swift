// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Journal
import Kernel
import SealedStore
import Synchronization
import TestKit

@testable import Clockwork

/// Counts runs and lets a test wait for one.
final class Runs: Sendable {
    private let names = Mutex<[String]>([])
    private let bell = DispatchSemaphore(value: 0)

    func note(_ name: String) {
        names.withLock { $0.append(name) }
        bell.signal()
    }

    /// False when no run came within 20 seconds, which no healthy machine needs.
    func wait() -> Bool { bell.wait(timeout: .now() + 20) == .success }

    var all: [String] { names.withLock { $0 } }
    func count(_ name: String) -> Int { all.count { $0 == name } }
}

/// A job that notes its runs.
func job(
    _ name: String, _ runs: Runs, _ cadence: Cadence = .every(minutes: 60),
    work: @escaping @Sendable () throws -> Void = {}
) -> Job {
    Job(name, "Try \(name).", cadence) { _ in
        runs.note(name)
        try work()
        return "done \(name)"
    }
}

/// A store, a clock and the lines that were logged.
final class Tower: Sendable {
    let test: TestStore
    let lines = Mutex<[String]>([])
    var clock: TestClock { test.clock }

    /// The timetable with a table whose row keeps it from being written, as a full disk would.
    private static let schema = RoomSchema(
        room: clockworkSchema.room, prefix: clockworkSchema.prefix,
        migrations: clockworkSchema.migrations + [
            Migration(
                clockworkSchema.migrations.count + 1, "an obstacle",
                """
                CREATE TABLE clock_obstacle (id INTEGER PRIMARY KEY) STRICT;
                CREATE TRIGGER clock_job_obstacle BEFORE UPDATE ON clock_job
                WHEN EXISTS (SELECT 1 FROM clock_obstacle)
                BEGIN SELECT RAISE(ABORT, 'no room'); END;
                """)
        ])

    init() throws {
        test = try TestStore([journalSchema, Self.schema])
    }

    func block(_ isBlocked: Bool) throws {
        let sql =
            isBlocked ? "INSERT INTO clock_obstacle (id) VALUES (1)" : "DELETE FROM clock_obstacle"
        _ = try test.store.write { try $0.runUntold(sql, []) }
    }

    func keeper(
        _ jobs: [Job], zone: @escaping @Sendable () -> SiteZone = { .utc }
    ) -> Timekeeper {
        Timekeeper(
            store: test.store, jobs: jobs, zone: zone, clock: clock.now,
            log: { [self] line in lines.withLock { $0.append(line) } })
    }

    func state(_ name: String) throws -> JobState? {
        try test.store.read { try $0.jobStates() }.first { $0.name == name }
    }
}
