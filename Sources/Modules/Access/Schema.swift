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
            """),
        Migration(
            2, "second factors, passkeys, recovery codes, known browsers and notices",
            """
            ALTER TABLE access_user ADD COLUMN folded TEXT;
            ALTER TABLE access_user ADD COLUMN one_time_until_us INTEGER;
            UPDATE access_user SET folded = lower(name);
            CREATE INDEX access_user_folded ON access_user (folded);
            ALTER TABLE access_session ADD COLUMN proved_us INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE access_session ADD COLUMN address TEXT NOT NULL DEFAULT '';
            ALTER TABLE access_session ADD COLUMN agent TEXT NOT NULL DEFAULT '';
            ALTER TABLE access_session ADD COLUMN way TEXT NOT NULL DEFAULT 'password'
                CHECK (way IN ('setup', 'password', 'totp', 'recovery', 'passkey'));
            CREATE TABLE access_ticket (
                id INTEGER PRIMARY KEY,
                user_id INTEGER NOT NULL REFERENCES access_user (id),
                token BLOB NOT NULL UNIQUE CHECK (length(token) = 32),
                created_us INTEGER NOT NULL,
                failures INTEGER NOT NULL CHECK (failures >= 0)
            ) STRICT;
            CREATE INDEX access_ticket_user ON access_ticket (user_id);
            CREATE TABLE access_lane (
                id INTEGER PRIMARY KEY,
                user_id INTEGER NOT NULL REFERENCES access_user (id),
                token BLOB NOT NULL UNIQUE CHECK (length(token) = 32),
                used_us INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX access_lane_user ON access_lane (user_id);
            CREATE TABLE access_totp (
                user_id INTEGER PRIMARY KEY REFERENCES access_user (id),
                seed BLOB NOT NULL,
                confirmed_us INTEGER,
                last_step INTEGER NOT NULL
            ) STRICT;
            CREATE TABLE access_passkey (
                id INTEGER PRIMARY KEY,
                user_id INTEGER NOT NULL REFERENCES access_user (id),
                credential BLOB NOT NULL UNIQUE CHECK (length(credential) BETWEEN 1 AND 1023),
                algorithm INTEGER NOT NULL CHECK (algorithm IN (-7, -8)),
                key BLOB NOT NULL CHECK (length(key) IN (32, 64)),
                counter INTEGER NOT NULL CHECK (counter >= 0),
                name TEXT NOT NULL CHECK (length(name) > 0),
                created_us INTEGER NOT NULL,
                used_us INTEGER
            ) STRICT;
            CREATE INDEX access_passkey_user ON access_passkey (user_id);
            CREATE TABLE access_recovery (
                id INTEGER PRIMARY KEY,
                user_id INTEGER NOT NULL REFERENCES access_user (id),
                code BLOB NOT NULL CHECK (length(code) = 32),
                UNIQUE (user_id, code)
            ) STRICT;
            CREATE TABLE access_role (
                role TEXT PRIMARY KEY CHECK (role IN ('administrator', 'warehouse', 'viewer')),
                needs_factor INTEGER NOT NULL CHECK (needs_factor IN (0, 1))
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE access_notice (
                id INTEGER PRIMARY KEY,
                user_id INTEGER NOT NULL REFERENCES access_user (id),
                kind TEXT NOT NULL,
                actor TEXT NOT NULL,
                at_us INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX access_notice_user ON access_notice (user_id, id);
            """),
        devicesThatSign, rolesAndGrants, codesBySMS,
    ])

/// Devices lose what only tokens had: the table is made anew, since SQLite changes no CHECK.
private let devicesThatSign = Migration(
    3, "devices that sign, enrolments, and API tokens",
    """
    ALTER TABLE access_device RENAME TO access_device_before;
    CREATE TABLE access_device (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) > 0),
        mode TEXT NOT NULL CHECK (mode IN ('signed', 'token')),
        token BLOB UNIQUE CHECK (length(token) = 32),
        key BLOB,
        warehouse_id INTEGER,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'active', 'revoked')),
        created_us INTEGER NOT NULL,
        seen_us INTEGER,
        CHECK (state <> 'active' OR (token IS NOT NULL) = (mode = 'token')),
        CHECK (state <> 'active' OR (key IS NOT NULL) = (mode = 'signed'))
    ) STRICT;
    INSERT INTO access_device (id, name, mode, token, warehouse_id, state, created_us, seen_us)
        SELECT id, name, 'token', token, warehouse_id, state, created_us, seen_us
        FROM access_device_before;
    DROP TABLE access_device_before;
    CREATE TABLE access_sequence (
        device_id INTEGER PRIMARY KEY REFERENCES access_device (id),
        high INTEGER NOT NULL CHECK (high > 0),
        seen INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE access_enrolment (
        device_id INTEGER PRIMARY KEY REFERENCES access_device (id),
        code BLOB NOT NULL UNIQUE CHECK (length(code) = 32),
        secret BLOB NOT NULL,
        created_us INTEGER NOT NULL,
        failures INTEGER NOT NULL CHECK (failures >= 0)
    ) STRICT;
    CREATE TABLE access_token (
        id INTEGER PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES access_user (id),
        name TEXT NOT NULL CHECK (length(name) > 0),
        token BLOB NOT NULL UNIQUE CHECK (length(token) = 32),
        old_token BLOB UNIQUE CHECK (length(old_token) = 32),
        grace_until_us INTEGER CHECK ((grace_until_us IS NULL) = (old_token IS NULL)),
        permissions TEXT NOT NULL CHECK (length(permissions) > 0),
        warehouses TEXT CHECK (length(warehouses) > 0),
        addresses TEXT NOT NULL,
        created_us INTEGER NOT NULL,
        expires_us INTEGER NOT NULL,
        used_us INTEGER
    ) STRICT;
    CREATE INDEX access_token_user ON access_token (user_id);
    """)

/// Roles and grants. Whoever had one of the three roles from before keeps exactly what they could do:
/// administrators own the house; the other two become roles made here, where anybody has them.
private let rolesAndGrants = Migration(
    4, "roles made here, grants and views",
    """
    CREATE TABLE access_custom_role (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) > 0),
        purpose TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('active', 'retired')),
        edition INTEGER NOT NULL CHECK (edition > 0)
    ) STRICT;
    CREATE TABLE access_role_right (
        role_id INTEGER NOT NULL REFERENCES access_custom_role (id),
        code TEXT NOT NULL CHECK (length(code) > 0),
        PRIMARY KEY (role_id, code)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE access_role_limit (
        role_id INTEGER NOT NULL REFERENCES access_custom_role (id),
        name TEXT NOT NULL CHECK (length(name) > 0),
        most INTEGER NOT NULL CHECK (most >= 0),
        PRIMARY KEY (role_id, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE access_grant (
        id INTEGER PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES access_user (id),
        role TEXT NOT NULL CHECK (length(role) > 0),
        state TEXT NOT NULL CHECK (state IN ('waiting', 'active', 'ended', 'declined')),
        from_us INTEGER,
        until_us INTEGER,
        lent_id INTEGER REFERENCES access_grant (id),
        note TEXT NOT NULL,
        given_by TEXT NOT NULL, given_name TEXT NOT NULL, given_us INTEGER NOT NULL,
        confirmed_by TEXT, confirmed_name TEXT, confirmed_us INTEGER,
        ended_by TEXT, ended_name TEXT, ended_us INTEGER
    ) STRICT;
    CREATE INDEX access_grant_user ON access_grant (user_id, id);
    CREATE INDEX access_grant_state ON access_grant (state, id);
    CREATE INDEX access_grant_role ON access_grant (role, state);
    CREATE INDEX access_grant_lent ON access_grant (lent_id) WHERE lent_id IS NOT NULL;
    CREATE TABLE access_grant_bound (
        grant_id INTEGER NOT NULL REFERENCES access_grant (id),
        side TEXT NOT NULL CHECK (side IN ('read', 'write')),
        dimension TEXT NOT NULL CHECK (length(dimension) > 0),
        value INTEGER NOT NULL,
        PRIMARY KEY (grant_id, side, dimension, value)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE access_view (
        session_id INTEGER PRIMARY KEY REFERENCES access_session (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL REFERENCES access_user (id),
        until_us INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX access_view_user ON access_view (user_id);
    INSERT INTO access_custom_role (name, purpose, state, edition)
        SELECT role, '', 'active', 1 FROM access_user
        WHERE role <> 'administrator' GROUP BY role ORDER BY role;
    INSERT INTO access_role_right (role_id, code)
        SELECT r.id, c.value FROM access_custom_role AS r JOIN json_each(
            '["item.see","stock.see","parked.see","field.person_name"]') AS c;
    INSERT INTO access_role_right (role_id, code)
        SELECT r.id, c.value FROM access_custom_role AS r JOIN json_each(
            '["stock.receive","stock.ship","stock.move","stock.adjust","scan.make"]') AS c
        WHERE r.name = 'warehouse';
    INSERT INTO access_grant
        (user_id, role, state, note, given_by, given_name, given_us)
        SELECT u.id,
            CASE u.role WHEN 'administrator' THEN 'owner'
                ELSE 'rol-' || (SELECT r.id FROM access_custom_role AS r WHERE r.name = u.role) END,
            'active', '', 'system:upgrade', 'system:upgrade', u.created_us
        FROM access_user AS u ORDER BY u.id;
    ALTER TABLE access_user DROP COLUMN role;
    CREATE TABLE access_role_rule (
        role TEXT PRIMARY KEY CHECK (length(role) > 0),
        needs_factor INTEGER NOT NULL CHECK (needs_factor IN (0, 1))
    ) STRICT, WITHOUT ROWID;
    INSERT INTO access_role_rule (role, needs_factor)
        SELECT CASE a.role WHEN 'administrator' THEN 'owner'
                ELSE 'rol-' || (SELECT r.id FROM access_custom_role AS r WHERE r.name = a.role) END,
            a.needs_factor
        FROM access_role AS a WHERE a.role = 'administrator'
            OR EXISTS (SELECT 1 FROM access_custom_role AS r WHERE r.name = a.role);
    DROP TABLE access_role;
    """)

/// Sessions may be opened by a message: the column is made anew, since SQLite changes no CHECK.
private let codesBySMS = Migration(
    5, "telephones, codes by SMS and their gateway",
    """
    ALTER TABLE access_session ADD COLUMN came TEXT NOT NULL DEFAULT 'password'
        CHECK (came IN ('setup', 'password', 'totp', 'recovery', 'passkey', 'sms'));
    UPDATE access_session SET came = way;
    ALTER TABLE access_session DROP COLUMN way;
    ALTER TABLE access_session RENAME COLUMN came TO way;
    CREATE TABLE access_gateway (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
        form BLOB NOT NULL
    ) STRICT;
    CREATE TABLE access_phone (
        user_id INTEGER PRIMARY KEY REFERENCES access_user (id),
        number BLOB NOT NULL,
        confirmed_us INTEGER
    ) STRICT;
    CREATE TABLE access_sent_code (
        user_id INTEGER PRIMARY KEY REFERENCES access_user (id),
        ticket_id INTEGER REFERENCES access_ticket (id) ON DELETE CASCADE,
        salt BLOB NOT NULL CHECK (length(salt) = 32),
        code BLOB NOT NULL CHECK (length(code) = 32),
        sent_us INTEGER NOT NULL,
        failures INTEGER NOT NULL CHECK (failures >= 0)
    ) STRICT;
    CREATE INDEX access_sent_code_ticket ON access_sent_code (ticket_id);
    CREATE TABLE access_message (
        id INTEGER PRIMARY KEY,
        user_id INTEGER REFERENCES access_user (id),
        sent_us INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX access_message_user ON access_message (user_id, sent_us);
    CREATE INDEX access_message_sent ON access_message (sent_us);
    """)
