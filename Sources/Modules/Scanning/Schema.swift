// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import SealedStore

let scanSchema = RoomSchema(
    room: "scanning", prefix: "scan",
    migrations: [
        Migration(
            1, "parked scans",
            """
            CREATE TABLE scan_parked (
                id INTEGER PRIMARY KEY,
                event TEXT NOT NULL,
                code TEXT NOT NULL CHECK (length(code) > 0),
                task TEXT NOT NULL CHECK (task IN ('receive', 'ship', 'move', 'look')),
                place TEXT,
                to_place TEXT,
                count TEXT,
                lot TEXT,
                expiry_day TEXT,
                serial TEXT,
                at_us INTEGER NOT NULL,
                actor TEXT NOT NULL,
                actor_name TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('open', 'resolved', 'dismissed')),
                known INTEGER NOT NULL CHECK (known IN (0, 1)),
                reason TEXT,
                movement_id INTEGER,
                UNIQUE (actor, event)
            ) STRICT;
            CREATE INDEX scan_parked_state ON scan_parked (state, id);
            CREATE INDEX scan_parked_code ON scan_parked (code) WHERE state = 'open';
            """),
        // Those from before stay without: only who sees everything sees them.
        Migration(
            2, "the warehouse of a parked scan",
            "ALTER TABLE scan_parked ADD COLUMN warehouse_id INTEGER;"),
    ])
