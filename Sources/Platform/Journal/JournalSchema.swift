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
            """),
        // Where something was asked from is one number in its entry. Hours say where in the journal
        // a time is, in one row an hour instead of an index over all entries.
        Migration(
            2, "origins, hours and keys",
            """
            CREATE TABLE journal_origin (
                id INTEGER PRIMARY KEY,
                address TEXT NOT NULL,
                credential TEXT NOT NULL,
                route TEXT NOT NULL,
                UNIQUE (address, credential, route)
            ) STRICT;
            ALTER TABLE journal_event ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
            CREATE TABLE journal_hour (
                first_seq INTEGER PRIMARY KEY,
                hour INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX journal_hour_hour ON journal_hour (hour, first_seq);
            INSERT INTO journal_hour (first_seq, hour)
                SELECT seq, at_us / 3600000000 FROM (
                    SELECT seq, at_us, lag(at_us) OVER (ORDER BY seq) AS before_us
                    FROM journal_event)
                WHERE before_us IS NULL OR before_us / 3600000000 <> at_us / 3600000000;
            CREATE TABLE journal_key (
                number INTEGER PRIMARY KEY,
                purpose TEXT NOT NULL CHECK (purpose IN ('chain', 'sign')),
                first_seq INTEGER NOT NULL CHECK (first_seq >= 1),
                sealed BLOB NOT NULL
            ) STRICT;
            CREATE TABLE journal_anchor (
                seq INTEGER PRIMARY KEY,
                at_us INTEGER NOT NULL,
                hash BLOB NOT NULL CHECK (length(hash) = 32),
                mac BLOB NOT NULL CHECK (length(mac) = 16)
            ) STRICT;
            CREATE TRIGGER journal_anchor_stays BEFORE UPDATE ON journal_anchor
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
            CREATE TRIGGER journal_anchor_remains BEFORE DELETE ON journal_anchor
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
            CREATE TRIGGER journal_origin_stays BEFORE UPDATE ON journal_origin
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
            CREATE TRIGGER journal_origin_remains BEFORE DELETE ON journal_origin
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
            """),
    ])
