// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import SealedStore

/// The record of the jobs' runs.
package let clockworkSchema = RoomSchema(
    room: "clockwork", prefix: "clock",
    migrations: [
        Migration(
            1, "runs of jobs",
            """
            CREATE TABLE clock_job (
                name TEXT PRIMARY KEY,
                last_start_us INTEGER,
                last_end_us INTEGER,
                succeeded INTEGER CHECK (succeeded IN (0, 1)),
                last_note TEXT NOT NULL,
                next_us INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            """),
        Migration(
            2, "runs that were cut off",
            """
            ALTER TABLE clock_job ADD COLUMN open_runs INTEGER NOT NULL DEFAULT 0
                CHECK (open_runs >= 0);
            """),
    ])
