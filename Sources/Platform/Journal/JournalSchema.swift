// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import SealedStore

/// Tables of the journal: events, which nobody may change or remove, and the readers' cursors.
package let journalSchema = RoomSchema(
    room: "journal", prefix: "journal",
    migrations: [
        Migration(
            1, "events and cursors",
            """
            CREATE TABLE journal_event (
                seq INTEGER PRIMARY KEY,
                at_us INTEGER NOT NULL,
                kind TEXT NOT NULL,
                actor TEXT NOT NULL,
                actor_name TEXT NOT NULL,
                subject TEXT NOT NULL,
                facts TEXT NOT NULL,
                frequent INTEGER NOT NULL CHECK (frequent = 0 OR frequent = 1),
                hash BLOB NOT NULL CHECK (length(hash) = 32)
            ) STRICT;
            CREATE INDEX journal_event_kind ON journal_event (kind, seq)
                WHERE frequent = 0;
            CREATE INDEX journal_event_actor ON journal_event (actor, seq);
            CREATE INDEX journal_event_subject ON journal_event (subject, seq);
            CREATE TRIGGER journal_event_stays BEFORE UPDATE ON journal_event
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
            CREATE TRIGGER journal_event_remains BEFORE DELETE ON journal_event
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
            CREATE TABLE journal_cursor (
                reader TEXT PRIMARY KEY,
                seq INTEGER NOT NULL CHECK (seq >= 0)
            ) STRICT, WITHOUT ROWID;
            """)
    ])
