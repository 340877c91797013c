// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import SealedStore

let accessSchema = RoomSchema(
    room: "access", prefix: "access",
    migrations: [
        Migration(
            1, "users, sessions, devices and throttles",
            """
            CREATE TABLE access_user (
                id INTEGER PRIMARY KEY,
                name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) > 0),
                password TEXT NOT NULL,
                role TEXT NOT NULL CHECK (role IN ('administrator', 'warehouse', 'viewer')),
                state TEXT NOT NULL CHECK (state IN ('active', 'suspended')),
                language TEXT NOT NULL CHECK (language IN ('zh-CN', 'en')),
                created_us INTEGER NOT NULL,
                last_sign_in_us INTEGER,
                edition INTEGER NOT NULL CHECK (edition > 0)
            ) STRICT;
            CREATE TABLE access_session (
                id INTEGER PRIMARY KEY,
                user_id INTEGER NOT NULL REFERENCES access_user (id),
                token BLOB NOT NULL UNIQUE CHECK (length(token) = 32),
                created_us INTEGER NOT NULL,
                seen_us INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX access_session_user ON access_session (user_id);
            CREATE TABLE access_device (
                id INTEGER PRIMARY KEY,
                name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) > 0),
                token BLOB NOT NULL UNIQUE CHECK (length(token) = 32),
                warehouse_id INTEGER,
                state TEXT NOT NULL CHECK (state IN ('active', 'revoked')),
                created_us INTEGER NOT NULL,
                seen_us INTEGER
            ) STRICT;
            CREATE TABLE access_throttle (
                key TEXT PRIMARY KEY,
                failures INTEGER NOT NULL CHECK (failures > 0),
                until_us INTEGER NOT NULL,
                failed_us INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX access_throttle_failed ON access_throttle (failed_us);
            CREATE TABLE access_setup (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                code BLOB NOT NULL CHECK (length(code) = 32)
            ) STRICT;
            """)
    ])
