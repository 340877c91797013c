// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import SealedStore

/// Tables that all rooms share: the site, and the answers kept for repeated requests.
package let kitSchema = RoomSchema(
    room: "kit", prefix: "kit",
    migrations: [
        Migration(
            1, "site and kept answers",
            """
            CREATE TABLE kit_site (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                name TEXT NOT NULL,
                time_zone TEXT NOT NULL,
                practice INTEGER NOT NULL CHECK (practice IN (0, 1))
            ) STRICT;
            CREATE TABLE kit_answer (
                id INTEGER PRIMARY KEY,
                caller TEXT NOT NULL,
                key TEXT NOT NULL,
                request BLOB NOT NULL CHECK (length(request) = 32),
                status INTEGER NOT NULL,
                media_type TEXT NOT NULL,
                body BLOB NOT NULL,
                at_us INTEGER NOT NULL,
                UNIQUE (caller, key)
            ) STRICT;
            """)
    ])
