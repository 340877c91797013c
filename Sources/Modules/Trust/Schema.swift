// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import SealedStore

/// Certificates are public and lie as they are; keys are sealed a second time below the pages.
let trustSchema = RoomSchema(
    room: "trust", prefix: "trust",
    migrations: [
        Migration(
            1, "authority, certificates, settings",
            """
            CREATE TABLE trust_authority (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                certificate BLOB NOT NULL,
                sealed_key BLOB NOT NULL,
                permits TEXT NOT NULL,
                created_us INTEGER NOT NULL
            ) STRICT;
            CREATE TABLE trust_certificate (
                origin TEXT PRIMARY KEY CHECK (origin IN ('issued', 'installed')),
                chain TEXT NOT NULL,
                sealed_key BLOB NOT NULL,
                created_us INTEGER NOT NULL,
                warned INTEGER NOT NULL DEFAULT 0 CHECK (warned IN (0, 1))
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE trust_setting (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                strict TEXT NOT NULL CHECK (strict IN ('on', 'off'))
            ) STRICT;
            """)
    ])
