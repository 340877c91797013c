// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import SealedStore

let backupSchema = RoomSchema(
    room: "backup", prefix: "backup",
    migrations: [
        Migration(
            1, "targets, drills, alarms",
            """
            CREATE TABLE backup_target (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) > 0),
                kind TEXT NOT NULL CHECK (kind IN ('folder')),
                place TEXT NOT NULL UNIQUE,
                created_us INTEGER NOT NULL,
                edition INTEGER NOT NULL DEFAULT 0 CHECK (edition >= 0),
                index_hash BLOB NOT NULL DEFAULT x'',
                reached_us INTEGER,
                commit_number INTEGER NOT NULL DEFAULT 0,
                commit_us INTEGER,
                verified_us INTEGER,
                fault TEXT,
                fault_words TEXT NOT NULL DEFAULT '',
                fault_us INTEGER
            ) STRICT;
            CREATE TABLE backup_point (
                target_id INTEGER NOT NULL REFERENCES backup_target (id) ON DELETE CASCADE,
                commit_number INTEGER NOT NULL,
                at_us INTEGER NOT NULL,
                byte_count INTEGER NOT NULL,
                until_us INTEGER,
                until_commit INTEGER,
                PRIMARY KEY (target_id, at_us, commit_number)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE backup_drill (
                id INTEGER PRIMARY KEY,
                at_us INTEGER NOT NULL,
                target TEXT NOT NULL,
                commit_number INTEGER NOT NULL,
                loss_seconds INTEGER NOT NULL CHECK (loss_seconds >= 0),
                restore_ms INTEGER NOT NULL CHECK (restore_ms >= 0),
                tables INTEGER NOT NULL,
                row_count INTEGER NOT NULL,
                faults TEXT NOT NULL
            ) STRICT;
            CREATE INDEX backup_drill_good ON backup_drill (id) WHERE faults = '';
            CREATE TABLE backup_alarm (
                concern TEXT PRIMARY KEY,
                since_us INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            """),
        Migration(
            2, "targets on other machines, epochs of keys",
            """
            CREATE TABLE backup_target_next (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) > 0),
                kind TEXT NOT NULL CHECK (kind IN ('folder', 's3', 'sftp')),
                place TEXT NOT NULL UNIQUE,
                access TEXT NOT NULL DEFAULT '' CHECK ((kind = 'folder') = (access = '')),
                created_us INTEGER NOT NULL,
                epoch INTEGER NOT NULL DEFAULT 1 CHECK (epoch > 0),
                edition INTEGER NOT NULL DEFAULT 0 CHECK (edition >= 0),
                index_hash BLOB NOT NULL DEFAULT x'',
                reached_us INTEGER,
                commit_number INTEGER NOT NULL DEFAULT 0,
                commit_us INTEGER,
                verified_us INTEGER,
                fault TEXT,
                fault_words TEXT NOT NULL DEFAULT '',
                fault_us INTEGER
            ) STRICT;
            INSERT INTO backup_target_next (id, name, kind, place, created_us, edition,
                index_hash, reached_us, commit_number, commit_us, verified_us, fault,
                fault_words, fault_us)
            SELECT id, name, kind, place, created_us, edition, index_hash, reached_us,
                commit_number, commit_us, verified_us, fault, fault_words, fault_us
            FROM backup_target;
            DROP TABLE backup_target;
            ALTER TABLE backup_target_next RENAME TO backup_target;
            CREATE TABLE backup_point_next (
                target_id INTEGER NOT NULL REFERENCES backup_target (id) ON DELETE CASCADE,
                epoch INTEGER NOT NULL CHECK (epoch > 0),
                commit_number INTEGER NOT NULL,
                at_us INTEGER NOT NULL,
                byte_count INTEGER NOT NULL,
                until_us INTEGER,
                until_commit INTEGER,
                PRIMARY KEY (target_id, epoch, at_us, commit_number)
            ) STRICT, WITHOUT ROWID;
            INSERT INTO backup_point_next
            SELECT target_id, 1, commit_number, at_us, byte_count, until_us, until_commit
            FROM backup_point;
            DROP TABLE backup_point;
            ALTER TABLE backup_point_next RENAME TO backup_point;
            """),
        Migration(
            3, "damage and failed snapshots are told until they are mended",
            """
            ALTER TABLE backup_target ADD COLUMN damage_words TEXT;
            ALTER TABLE backup_target ADD COLUMN damage_us INTEGER;
            ALTER TABLE backup_target ADD COLUMN snapshot_fault TEXT;
            ALTER TABLE backup_target ADD COLUMN snapshot_words TEXT;
            ALTER TABLE backup_target ADD COLUMN snapshot_us INTEGER;
            ALTER TABLE backup_target ADD COLUMN shares_disk INTEGER NOT NULL DEFAULT 0
                CHECK (shares_disk IN (0, 1));
            UPDATE backup_target SET damage_words = fault_words, damage_us = fault_us,
                fault = NULL, fault_words = '', fault_us = NULL
            WHERE fault = 'backup.target_damaged';
            """),
        Migration(
            4, "pauses between snapshots that fail, lists of older keys",
            """
            ALTER TABLE backup_target ADD COLUMN snapshot_tries INTEGER NOT NULL DEFAULT 0
                CHECK (snapshot_tries >= 0);
            ALTER TABLE backup_target ADD COLUMN snapshot_again_us INTEGER;
            CREATE TABLE backup_part (
                target_id INTEGER NOT NULL REFERENCES backup_target (id) ON DELETE CASCADE,
                epoch INTEGER NOT NULL CHECK (epoch > 0),
                index_hash BLOB NOT NULL CHECK (length(index_hash) = 32),
                verified_us INTEGER,
                PRIMARY KEY (target_id, epoch)
            ) STRICT, WITHOUT ROWID;
            """),
    ])
