// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
package import SealedStore

extension ReadTransaction {
    /// The record of every job that was ever scheduled, by name.
    package func jobStates() throws -> [JobState] {
        try all(
            """
            SELECT name, last_start_us, last_end_us, succeeded, last_note, next_us, open_runs
            FROM clock_job ORDER BY name
            """, []
        ) {
            JobState(
                name: $0.text(0),
                lastStart: $0.int64OrNil(1).map(Instant.init(microseconds:)),
                lastEnd: $0.int64OrNil(2).map(Instant.init(microseconds:)),
                succeeded: $0.int64OrNil(3).map { $0 == 1 }, lastNote: $0.text(4),
                next: Instant(microseconds: $0.int64(5)), openRuns: Int(clamping: $0.int64(6)))
        }
    }
}

extension WriteTransaction {
    /// Puts a job on the timetable, unless it stands there already.
    func schedule(_ name: String, next: Instant) throws {
        try runUntold(
            """
            INSERT INTO clock_job (name, last_note, next_us) VALUES (?, '', ?)
            ON CONFLICT (name) DO NOTHING
            """, [name, next])
    }

    func reschedule(_ name: String, next: Instant) throws {
        try runUntold("UPDATE clock_job SET next_us = ? WHERE name = ?", [next, name])
    }

    /// Notes that a run begins; its next time is set first, so that a crash does not repeat it.
    func begin(_ name: String, next: Instant) throws {
        try runUntold(
            """
            UPDATE clock_job SET last_start_us = ?, last_end_us = NULL, succeeded = NULL,
                last_note = '', next_us = ?, open_runs = open_runs + 1 WHERE name = ?
            """, [now, next, name])
    }

    func end(_ name: String, succeeded: Bool, note: String) throws {
        try runUntold(
            """
            UPDATE clock_job SET last_end_us = ?, succeeded = ?, last_note = ?, open_runs = 0
            WHERE name = ?
            """,
            [now, succeeded, note, name])
    }

    /// Takes jobs that the program no longer has from the timetable.
    func unschedule(except names: [String]) throws {
        let marks = names.map { _ in "?" }.joined(separator: ",")
        try runUntold(
            "DELETE FROM clock_job WHERE name NOT IN (\(marks))",
            names.map { $0 as any SQLBindable })
    }
}
