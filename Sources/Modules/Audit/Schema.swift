// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import SealedStore

let auditSchema = RoomSchema(
    room: "audit", prefix: "audit",
    migrations: [
        Migration(
            1, "findings",
            """
            CREATE TABLE audit_finding (
                id INTEGER PRIMARY KEY,
                rule TEXT NOT NULL,
                subject TEXT NOT NULL,
                actor TEXT NOT NULL,
                actor_name TEXT NOT NULL,
                address TEXT NOT NULL,
                first_seq INTEGER NOT NULL,
                last_seq INTEGER NOT NULL,
                count INTEGER NOT NULL CHECK (count >= 1),
                raised_us INTEGER NOT NULL,
                last_us INTEGER NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('open', 'cleared')),
                cleared_by TEXT,
                cleared_us INTEGER,
                reason TEXT
            ) STRICT;
            CREATE UNIQUE INDEX audit_finding_open ON audit_finding (rule, subject)
                WHERE state = 'open';
            CREATE INDEX audit_finding_subject ON audit_finding (rule, subject, last_seq);
            CREATE INDEX audit_finding_state ON audit_finding (state, id);
            """)
    ])
