// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Journal
import Kernel
package import SealedStore

/// Errands on their way to the courier, and the targets that they go to.
package let outboxSchema = RoomSchema(
    room: "outbox", prefix: "outbox",
    migrations: [
        Migration(
            1, "targets and errands",
            """
            CREATE TABLE outbox_target (
                name TEXT PRIMARY KEY CHECK (length(name) > 0),
                form TEXT NOT NULL,
                failures INTEGER NOT NULL CHECK (failures >= 0),
                paused_until_us INTEGER NOT NULL,
                reason TEXT,
                note TEXT NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE outbox_errand (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                target TEXT NOT NULL REFERENCES outbox_target (name),
                question INTEGER NOT NULL CHECK (question IN (0, 1)),
                work TEXT NOT NULL,
                telling TEXT NOT NULL CHECK (telling IN ('all', 'failures')),
                state TEXT NOT NULL CHECK (state IN ('waiting', 'claimed', 'done', 'failed')),
                attempts INTEGER NOT NULL CHECK (attempts >= 0),
                due_us INTEGER NOT NULL,
                made_us INTEGER NOT NULL,
                changed_us INTEGER NOT NULL,
                reason TEXT,
                note TEXT NOT NULL,
                answer TEXT
            ) STRICT;
            CREATE INDEX outbox_errand_due ON outbox_errand (target, state, due_us, id);
            CREATE INDEX outbox_errand_question ON outbox_errand (due_us, id)
                WHERE question = 1 AND state = 'waiting';
            CREATE INDEX outbox_errand_state ON outbox_errand (state, id);
            """)
    ])

/// What is told of errands. Whoever may see what the box does by itself sees them.
package enum ErrandEvent {
    private static let needs = Permission("job.see")

    /// An errand is done. Facts: `kind`, `object`, `target`, `attempts`.
    package static let done = EventKind("errand.done", needs: needs)
    /// An errand has failed for good. Facts: the same, with `reason` and `note`.
    package static let failed = EventKind("errand.failed", needs: needs)
    /// An errand, or all to one target, could not be done for a while, or somebody has to change
    /// something; it stays due. Facts: `target`, `reason`, `note`, `attempts`.
    package static let delayed = EventKind("errand.delayed", needs: needs)

    package static let all = [done, failed, delayed]
}
