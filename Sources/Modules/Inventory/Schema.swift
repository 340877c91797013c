// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Ledger
import SealedStore

/// What a kind may be, without IN: SQLite makes a table of such a list each time it checks a row,
/// which cost a tenth of a scan.
private let isKind = "kind = 'receive' OR kind = 'ship' OR kind = 'move' OR kind = 'adjust'"

/// The book of goods: accounts are places, units are stock units, and a transfer is a movement.
let goods = Book(
    prefix: "stock", transfer: "movement", outside: 1...3,
    details: [
        Book.Detail("kind", "TEXT NOT NULL CHECK (\(isKind))"),
        Book.Detail("item_id", "INTEGER NOT NULL"),
        Book.Detail("variant_id", "INTEGER NOT NULL"),
        Book.Detail("lot_id", "INTEGER REFERENCES stock_lot (id)"),
        Book.Detail("serial", "TEXT"),
        Book.Detail("scale", "INTEGER NOT NULL CHECK (scale BETWEEN 0 AND 6)"),
        Book.Detail("packaging_id", "INTEGER"),
        Book.Detail("count", "TEXT NOT NULL"),
        Book.Detail("reason", "TEXT"),
        Book.Detail("note", "TEXT NOT NULL"),
        Book.Detail("actor", "TEXT NOT NULL"),
        Book.Detail("actor_name", "TEXT NOT NULL"),
        Book.Detail("device_id", "INTEGER"),
        Book.Detail("device_at_us", "INTEGER"),
        Book.Detail("reverses_id", "INTEGER REFERENCES stock_movement (id)"),
        Book.Detail("seq", "INTEGER NOT NULL"),
    ])

/// The condition that finds the movements of a place on one side, by the index of that side.
func sideCondition(_ side: String, of place: Int64) -> String {
    goods.outside.contains(place) ? "\(side) = ?" : "\(side) = ? AND \(goods.inside(side))"
}

let stockSchema = RoomSchema(
    room: "inventory", prefix: "stock",
    migrations: [
        Migration(
            1, "warehouses, places, lots, movements and balances",
            firstTables + goods.schema + movementIndexes),
        Migration(2, "the days of a warehouse, for readers of some warehouses", sights),
    ])

private let firstTables = """
    CREATE TABLE stock_warehouse (
        id INTEGER PRIMARY KEY,
        code TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(code) > 0),
        name TEXT NOT NULL CHECK (length(name) > 0),
        state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
        edition INTEGER NOT NULL CHECK (edition > 0)
    ) STRICT;
    CREATE TABLE stock_place (
        id INTEGER PRIMARY KEY,
        warehouse_id INTEGER REFERENCES stock_warehouse (id),
        parent_id INTEGER REFERENCES stock_place (id),
        kind TEXT NOT NULL CHECK (kind IN ('zone', 'bin', 'outside')),
        code TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(code) > 0),
        name TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
        edition INTEGER NOT NULL CHECK (edition > 0),
        CHECK ((kind = 'outside') = (warehouse_id IS NULL))
    ) STRICT;
    CREATE INDEX stock_place_warehouse ON stock_place (warehouse_id, kind, code);
    CREATE INDEX stock_place_parent ON stock_place (parent_id);
    -- Label codes start with a letter or a digit; a colon keeps the outside out of their way.
    INSERT INTO stock_place (id, kind, code, name, state, edition) VALUES
        (1, 'outside', ':supplier', '', 'open', 1),
        (2, 'outside', ':customer', '', 'open', 1),
        (3, 'outside', ':loss', '', 'open', 1);
    CREATE TABLE stock_lot (
        id INTEGER PRIMARY KEY,
        variant_id INTEGER NOT NULL,
        code TEXT NOT NULL CHECK (length(code) > 0),
        expiry_day TEXT CHECK (expiry_day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
        created_us INTEGER NOT NULL,
        UNIQUE (variant_id, code)
    ) STRICT;
    CREATE INDEX stock_lot_expiry ON stock_lot (expiry_day) WHERE expiry_day IS NOT NULL;
    CREATE TABLE stock_unit (
        id INTEGER PRIMARY KEY,
        item_id INTEGER NOT NULL,
        variant_id INTEGER NOT NULL,
        lot_id INTEGER REFERENCES stock_lot (id),
        serial TEXT CHECK (length(serial) > 0)
    ) STRICT;
    CREATE UNIQUE INDEX stock_unit_key
        ON stock_unit (variant_id, coalesce(lot_id, 0), coalesce(serial, ''));
    CREATE INDEX stock_unit_item ON stock_unit (item_id, variant_id);
    CREATE INDEX stock_unit_lot ON stock_unit (lot_id) WHERE lot_id IS NOT NULL;
    CREATE INDEX stock_unit_serial ON stock_unit (serial) WHERE serial IS NOT NULL;
    CREATE TABLE stock_day (
        day TEXT NOT NULL,
        warehouse_id INTEGER NOT NULL REFERENCES stock_warehouse (id),
        kind TEXT NOT NULL CHECK (\(isKind)),
        movements INTEGER NOT NULL CHECK (movements > 0),
        -- The movements of a day lie between these, whatever the clock did meanwhile.
        first_id INTEGER NOT NULL,
        last_id INTEGER NOT NULL CHECK (last_id >= first_id),
        PRIMARY KEY (day, warehouse_id, kind)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX stock_day_warehouse ON stock_day (warehouse_id);

    """

/// Days on which movements that are counted in another warehouse touch one, and the order in which
/// the days of a warehouse are read.
private let sights = """
    CREATE TABLE stock_visit (
        day TEXT NOT NULL,
        warehouse_id INTEGER NOT NULL REFERENCES stock_warehouse (id),
        first_id INTEGER NOT NULL,
        last_id INTEGER NOT NULL CHECK (last_id >= first_id),
        -- At or behind the last one, and seldom moved: else each scan would change an index more.
        reach_id INTEGER NOT NULL CHECK (reach_id >= last_id),
        PRIMARY KEY (day, warehouse_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX stock_visit_sight ON stock_visit (warehouse_id, reach_id);
    DROP INDEX stock_day_warehouse;
    ALTER TABLE stock_day ADD COLUMN reach_id INTEGER NOT NULL DEFAULT 0;
    UPDATE stock_day SET reach_id = last_id | 1023;
    CREATE INDEX stock_day_sight ON stock_day (warehouse_id, reach_id);
    -- Moves between warehouses from before: both sides, whichever of them was counted.
    INSERT INTO stock_visit (day, warehouse_id, first_id, last_id, reach_id)
    SELECT date(m.at_us / 1000000, 'unixepoch'), p.warehouse_id, min(m.id), max(m.id),
        max(m.id) | 1023
    FROM stock_movement AS m JOIN stock_place AS p ON p.id IN (m.source, m.target)
    JOIN stock_place AS q ON q.id IN (m.source, m.target) AND q.warehouse_id <> p.warehouse_id
    WHERE m.kind = 'move'
    GROUP BY 1, 2;
    """

private let movementIndexes = """

    CREATE INDEX stock_movement_item ON stock_movement (item_id, id);
    CREATE INDEX stock_movement_lot ON stock_movement (lot_id, id) WHERE lot_id IS NOT NULL;
    CREATE INDEX stock_movement_serial ON stock_movement (serial, id) WHERE serial IS NOT NULL;
    CREATE UNIQUE INDEX stock_movement_reverses ON stock_movement (reverses_id)
        WHERE reverses_id IS NOT NULL;
    -- Kinds that are rare: a page of them would otherwise read past all the others.
    CREATE INDEX stock_movement_move ON stock_movement (id) WHERE kind = 'move';
    CREATE INDEX stock_movement_adjust ON stock_movement (id) WHERE kind = 'adjust';
    """
