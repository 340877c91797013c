// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import SealedStore

/// Ids are never used twice (AUTOINCREMENT): an import that is undone removes rows, and the journal
/// still speaks of them.
let catalogSchema = RoomSchema(
    room: "catalog", prefix: "catalog",
    migrations: [
        Migration(
            1, "items, variants, packagings, codes, search and imports",
            importTables + itemTables + packagingTables + codeTables + searchTable)
    ])

private let itemTables = """
    CREATE TABLE catalog_item (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        code TEXT NOT NULL,
        code_key TEXT NOT NULL UNIQUE CHECK (length(code_key) > 0),
        name TEXT NOT NULL CHECK (length(name) > 0),
        base_unit TEXT NOT NULL CHECK (length(base_unit) > 0),
        scale INTEGER NOT NULL CHECK (scale BETWEEN 0 AND 6),
        track_lot INTEGER NOT NULL CHECK (track_lot IN (0, 1)),
        track_expiry INTEGER NOT NULL CHECK (track_expiry IN (0, 1)),
        track_serial INTEGER NOT NULL CHECK (track_serial IN (0, 1)),
        alias TEXT NOT NULL,
        note TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('active', 'retired')),
        used INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1)),
        created_us INTEGER NOT NULL,
        changed_us INTEGER NOT NULL,
        edition INTEGER NOT NULL CHECK (edition > 0),
        import_id INTEGER REFERENCES catalog_import (id),
        CHECK (track_serial = 0 OR scale = 0)
    ) STRICT;
    CREATE INDEX catalog_item_state ON catalog_item (state, code_key);
    CREATE INDEX catalog_item_import ON catalog_item (import_id) WHERE import_id IS NOT NULL;
    CREATE TRIGGER catalog_item_unit_stays
    BEFORE UPDATE OF base_unit, scale, code ON catalog_item
    BEGIN SELECT RAISE(ABORT, 'code, unit and scale of an item are fixed'); END;
    CREATE TRIGGER catalog_item_tracking_stays
    BEFORE UPDATE OF track_lot, track_expiry, track_serial ON catalog_item
    WHEN OLD.used = 1 AND (NEW.track_lot <> OLD.track_lot
        OR NEW.track_expiry <> OLD.track_expiry OR NEW.track_serial <> OLD.track_serial)
    BEGIN SELECT RAISE(ABORT, 'tracking of a used item is fixed'); END;
    CREATE TABLE catalog_variant (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        item_id INTEGER NOT NULL REFERENCES catalog_item (id),
        code TEXT NOT NULL,
        code_key TEXT NOT NULL CHECK (length(code_key) > 0),
        name TEXT NOT NULL,
        import_id INTEGER REFERENCES catalog_import (id),
        UNIQUE (item_id, code_key)
    ) STRICT;
    CREATE INDEX catalog_variant_import ON catalog_variant (import_id)
        WHERE import_id IS NOT NULL;

    """

private let packagingTables = """
    CREATE TABLE catalog_packaging (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        variant_id INTEGER NOT NULL REFERENCES catalog_variant (id),
        level TEXT NOT NULL CHECK (level IN ('base', 'inner', 'case', 'pallet')),
        name TEXT NOT NULL,
        name_key TEXT NOT NULL CHECK (length(name_key) > 0),
        content_num INTEGER NOT NULL CHECK (content_num BETWEEN 1 AND 1000000000),
        content_den INTEGER NOT NULL CHECK (content_den BETWEEN 1 AND 1000000),
        state TEXT NOT NULL CHECK (state IN ('active', 'retired')),
        used INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1)),
        import_id INTEGER REFERENCES catalog_import (id),
        CHECK (level <> 'base' OR (content_num = 1 AND content_den = 1 AND state = 'active'))
    ) STRICT;
    CREATE INDEX catalog_packaging_variant ON catalog_packaging (variant_id, state);
    CREATE UNIQUE INDEX catalog_packaging_base ON catalog_packaging (variant_id)
        WHERE level = 'base';
    CREATE UNIQUE INDEX catalog_packaging_name ON catalog_packaging (variant_id, name_key)
        WHERE state = 'active';
    CREATE INDEX catalog_packaging_import ON catalog_packaging (import_id)
        WHERE import_id IS NOT NULL;
    CREATE TRIGGER catalog_packaging_content_stays
    BEFORE UPDATE OF variant_id, level, content_num, content_den ON catalog_packaging
    BEGIN SELECT RAISE(ABORT, 'the content of a packaging is fixed'); END;

    """

private let codeTables = """
    CREATE TABLE catalog_code (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        packaging_id INTEGER NOT NULL REFERENCES catalog_packaging (id),
        code TEXT NOT NULL CHECK (length(code) > 0),
        key TEXT NOT NULL CHECK (length(key) > 0),
        gtin TEXT CHECK (length(gtin) = 14 AND gtin = key),
        valid_from TEXT NOT NULL
            CHECK (valid_from GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
        valid_to TEXT CHECK (valid_to GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
        import_id INTEGER REFERENCES catalog_import (id),
        CHECK (valid_to IS NULL OR valid_to >= valid_from)
    ) STRICT;
    CREATE INDEX catalog_code_key ON catalog_code (key, valid_from);
    CREATE INDEX catalog_code_packaging ON catalog_code (packaging_id);
    CREATE INDEX catalog_code_import ON catalog_code (import_id) WHERE import_id IS NOT NULL;
    -- On one day a code means one packaging; what a retired packaging was called counts no more.
    CREATE TRIGGER catalog_code_single BEFORE INSERT ON catalog_code
    WHEN EXISTS (
        SELECT 1 FROM catalog_code AS c JOIN catalog_packaging AS p ON p.id = c.packaging_id
        WHERE c.key = NEW.key AND p.state = 'active'
            AND c.valid_from <= coalesce(NEW.valid_to, '9999-12-31')
            AND coalesce(c.valid_to, '9999-12-31') >= NEW.valid_from)
    BEGIN SELECT RAISE(ABORT, 'a code means one packaging on a day'); END;
    CREATE TRIGGER catalog_code_stays
    BEFORE UPDATE OF packaging_id, code, key, gtin, valid_from ON catalog_code
    BEGIN SELECT RAISE(ABORT, 'a code is ended, not changed'); END;
    CREATE TRIGGER catalog_code_ends BEFORE UPDATE OF valid_to ON catalog_code
    WHEN coalesce(NEW.valid_to, '9999-12-31') > coalesce(OLD.valid_to, '9999-12-31')
    BEGIN SELECT RAISE(ABORT, 'the validity of a code only gets shorter'); END;

    """

/// The row id is the item's. Column `name` holds pairs of letters, `words` what is found by its
/// beginning; the ascii tokenizer leaves both as they are. See `searchText`.
private let searchTable = """
    CREATE VIRTUAL TABLE catalog_search USING fts5 (
        state, name, words, tokenize = 'ascii', prefix = '1 2 3 4', columnsize = 0
    );

    """

private let importTables = """
    CREATE TABLE catalog_import (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        state TEXT NOT NULL CHECK (state IN ('previewed', 'applied', 'undone', 'discarded')),
        file_name TEXT NOT NULL,
        heading TEXT NOT NULL,
        rows INTEGER NOT NULL CHECK (rows >= 0),
        bad INTEGER NOT NULL CHECK (bad BETWEEN 0 AND rows),
        new_items INTEGER NOT NULL CHECK (new_items >= 0),
        new_codes INTEGER NOT NULL CHECK (new_codes >= 0),
        created_us INTEGER NOT NULL,
        created_by TEXT NOT NULL
    ) STRICT;
    CREATE TABLE catalog_import_row (
        import_id INTEGER NOT NULL REFERENCES catalog_import (id),
        row INTEGER NOT NULL CHECK (row > 1),
        cells TEXT NOT NULL,
        PRIMARY KEY (import_id, row)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE catalog_import_error (
        import_id INTEGER NOT NULL,
        row INTEGER NOT NULL,
        number INTEGER NOT NULL CHECK (number > 0),
        field TEXT NOT NULL,
        code TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (import_id, row, number),
        FOREIGN KEY (import_id, row) REFERENCES catalog_import_row (import_id, row)
    ) STRICT, WITHOUT ROWID;

    """
