-- All tables of the house. Written by the tests.

CREATE TABLE access_custom_role (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) > 0),
    purpose TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'retired')),
    edition INTEGER NOT NULL CHECK (edition > 0)
) STRICT;

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

CREATE TABLE access_enrolment (
    device_id INTEGER PRIMARY KEY REFERENCES access_device (id),
    code BLOB NOT NULL UNIQUE CHECK (length(code) = 32),
    secret BLOB NOT NULL,
    created_us INTEGER NOT NULL,
    failures INTEGER NOT NULL CHECK (failures >= 0)
) STRICT;

CREATE TABLE access_gateway (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    form BLOB NOT NULL
) STRICT;

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

CREATE INDEX access_grant_lent ON access_grant (lent_id) WHERE lent_id IS NOT NULL;

CREATE INDEX access_grant_role ON access_grant (role, state);

CREATE INDEX access_grant_state ON access_grant (state, id);

CREATE INDEX access_grant_user ON access_grant (user_id, id);

CREATE TABLE access_grant_bound (
    grant_id INTEGER NOT NULL REFERENCES access_grant (id),
    side TEXT NOT NULL CHECK (side IN ('read', 'write')),
    dimension TEXT NOT NULL CHECK (length(dimension) > 0),
    value INTEGER NOT NULL,
    PRIMARY KEY (grant_id, side, dimension, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE access_lane (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES access_user (id),
    token BLOB NOT NULL UNIQUE CHECK (length(token) = 32),
    used_us INTEGER NOT NULL
) STRICT;

CREATE INDEX access_lane_user ON access_lane (user_id);

CREATE TABLE access_message (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES access_user (id),
    sent_us INTEGER NOT NULL
) STRICT;

CREATE INDEX access_message_sent ON access_message (sent_us);

CREATE INDEX access_message_user ON access_message (user_id, sent_us);

CREATE TABLE access_notice (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES access_user (id),
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    at_us INTEGER NOT NULL
) STRICT;

CREATE INDEX access_notice_user ON access_notice (user_id, id);

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

CREATE TABLE access_phone (
    user_id INTEGER PRIMARY KEY REFERENCES access_user (id),
    number BLOB NOT NULL,
    confirmed_us INTEGER
) STRICT;

CREATE TABLE access_recovery (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES access_user (id),
    code BLOB NOT NULL CHECK (length(code) = 32),
    UNIQUE (user_id, code)
) STRICT;

CREATE TABLE access_role_limit (
    role_id INTEGER NOT NULL REFERENCES access_custom_role (id),
    name TEXT NOT NULL CHECK (length(name) > 0),
    most INTEGER NOT NULL CHECK (most >= 0),
    PRIMARY KEY (role_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE access_role_right (
    role_id INTEGER NOT NULL REFERENCES access_custom_role (id),
    code TEXT NOT NULL CHECK (length(code) > 0),
    PRIMARY KEY (role_id, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE access_role_rule (
    role TEXT PRIMARY KEY CHECK (length(role) > 0),
    needs_factor INTEGER NOT NULL CHECK (needs_factor IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE access_sent_code (
    user_id INTEGER PRIMARY KEY REFERENCES access_user (id),
    ticket_id INTEGER REFERENCES access_ticket (id) ON DELETE CASCADE,
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    code BLOB NOT NULL CHECK (length(code) = 32),
    sent_us INTEGER NOT NULL,
    failures INTEGER NOT NULL CHECK (failures >= 0)
) STRICT;

CREATE INDEX access_sent_code_ticket ON access_sent_code (ticket_id);

CREATE TABLE access_sequence (
    device_id INTEGER PRIMARY KEY REFERENCES access_device (id),
    high INTEGER NOT NULL CHECK (high > 0),
    seen INTEGER NOT NULL
) STRICT;

CREATE TABLE access_session (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES access_user (id),
    token BLOB NOT NULL UNIQUE CHECK (length(token) = 32),
    created_us INTEGER NOT NULL,
    seen_us INTEGER NOT NULL
, proved_us INTEGER NOT NULL DEFAULT 0, address TEXT NOT NULL DEFAULT '', agent TEXT NOT NULL DEFAULT '', way TEXT NOT NULL DEFAULT 'password'
    CHECK (way IN ('setup', 'password', 'totp', 'recovery', 'passkey', 'sms'))) STRICT;

CREATE INDEX access_session_user ON access_session (user_id);

CREATE TABLE access_setup (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    code BLOB NOT NULL CHECK (length(code) = 32)
) STRICT;

CREATE TABLE access_throttle (
    key TEXT PRIMARY KEY,
    failures INTEGER NOT NULL CHECK (failures > 0),
    until_us INTEGER NOT NULL,
    failed_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX access_throttle_failed ON access_throttle (failed_us);

CREATE TABLE access_ticket (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES access_user (id),
    token BLOB NOT NULL UNIQUE CHECK (length(token) = 32),
    created_us INTEGER NOT NULL,
    failures INTEGER NOT NULL CHECK (failures >= 0)
) STRICT;

CREATE INDEX access_ticket_user ON access_ticket (user_id);

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

CREATE TABLE access_totp (
    user_id INTEGER PRIMARY KEY REFERENCES access_user (id),
    seed BLOB NOT NULL,
    confirmed_us INTEGER,
    last_step INTEGER NOT NULL
) STRICT;

CREATE TABLE access_user (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) > 0),
    password TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'suspended')),
    language TEXT NOT NULL CHECK (language IN ('zh-CN', 'en')),
    created_us INTEGER NOT NULL,
    last_sign_in_us INTEGER,
    edition INTEGER NOT NULL CHECK (edition > 0)
, folded TEXT, one_time_until_us INTEGER) STRICT;

CREATE INDEX access_user_folded ON access_user (folded);

CREATE TABLE access_view (
    session_id INTEGER PRIMARY KEY REFERENCES access_session (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES access_user (id),
    until_us INTEGER NOT NULL
) STRICT;

CREATE INDEX access_view_user ON access_view (user_id);

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

CREATE INDEX audit_finding_state ON audit_finding (state, id);

CREATE INDEX audit_finding_subject ON audit_finding (rule, subject, last_seq);

CREATE TABLE backup_alarm (
    concern TEXT PRIMARY KEY,
    since_us INTEGER NOT NULL
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

CREATE TABLE backup_part (
    target_id INTEGER NOT NULL REFERENCES backup_target (id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL CHECK (epoch > 0),
    index_hash BLOB NOT NULL CHECK (length(index_hash) = 32),
    verified_us INTEGER,
    PRIMARY KEY (target_id, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE "backup_point" (
    target_id INTEGER NOT NULL REFERENCES backup_target (id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL CHECK (epoch > 0),
    commit_number INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    byte_count INTEGER NOT NULL,
    until_us INTEGER,
    until_commit INTEGER,
    PRIMARY KEY (target_id, epoch, at_us, commit_number)
) STRICT, WITHOUT ROWID;

CREATE TABLE "backup_target" (
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
, damage_words TEXT, damage_us INTEGER, snapshot_fault TEXT, snapshot_words TEXT, snapshot_us INTEGER, shares_disk INTEGER NOT NULL DEFAULT 0
    CHECK (shares_disk IN (0, 1)), snapshot_tries INTEGER NOT NULL DEFAULT 0
    CHECK (snapshot_tries >= 0), snapshot_again_us INTEGER) STRICT;

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

CREATE INDEX catalog_code_import ON catalog_code (import_id) WHERE import_id IS NOT NULL;

CREATE INDEX catalog_code_key ON catalog_code (key, valid_from);

CREATE INDEX catalog_code_packaging ON catalog_code (packaging_id);

CREATE TRIGGER catalog_code_ends BEFORE UPDATE OF valid_to ON catalog_code
WHEN coalesce(NEW.valid_to, '9999-12-31') > coalesce(OLD.valid_to, '9999-12-31')
BEGIN SELECT RAISE(ABORT, 'the validity of a code only gets shorter'); END;

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

CREATE TABLE catalog_import_row (
    import_id INTEGER NOT NULL REFERENCES catalog_import (id),
    row INTEGER NOT NULL CHECK (row > 1),
    cells TEXT NOT NULL,
    PRIMARY KEY (import_id, row)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX catalog_item_import ON catalog_item (import_id) WHERE import_id IS NOT NULL;

CREATE INDEX catalog_item_state ON catalog_item (state, code_key);

CREATE TRIGGER catalog_item_tracking_stays
BEFORE UPDATE OF track_lot, track_expiry, track_serial ON catalog_item
WHEN OLD.used = 1 AND (NEW.track_lot <> OLD.track_lot
    OR NEW.track_expiry <> OLD.track_expiry OR NEW.track_serial <> OLD.track_serial)
BEGIN SELECT RAISE(ABORT, 'tracking of a used item is fixed'); END;

CREATE TRIGGER catalog_item_unit_stays
BEFORE UPDATE OF base_unit, scale, code ON catalog_item
BEGIN SELECT RAISE(ABORT, 'code, unit and scale of an item are fixed'); END;

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

CREATE UNIQUE INDEX catalog_packaging_base ON catalog_packaging (variant_id)
    WHERE level = 'base';

CREATE INDEX catalog_packaging_import ON catalog_packaging (import_id)
    WHERE import_id IS NOT NULL;

CREATE UNIQUE INDEX catalog_packaging_name ON catalog_packaging (variant_id, name_key)
    WHERE state = 'active';

CREATE INDEX catalog_packaging_variant ON catalog_packaging (variant_id, state);

CREATE TRIGGER catalog_packaging_content_stays
BEFORE UPDATE OF variant_id, level, content_num, content_den ON catalog_packaging
BEGIN SELECT RAISE(ABORT, 'the content of a packaging is fixed'); END;

CREATE VIRTUAL TABLE catalog_search USING fts5 (
    state, name, words, tokenize = 'ascii', prefix = '1 2 3 4', columnsize = 0
);

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

CREATE TABLE clock_job (
    name TEXT PRIMARY KEY,
    last_start_us INTEGER,
    last_end_us INTEGER,
    succeeded INTEGER CHECK (succeeded IN (0, 1)),
    last_note TEXT NOT NULL,
    next_us INTEGER NOT NULL
, open_runs INTEGER NOT NULL DEFAULT 0
    CHECK (open_runs >= 0)) STRICT, WITHOUT ROWID;

CREATE TABLE journal_anchor (
    seq INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    mac BLOB NOT NULL CHECK (length(mac) = 16)
) STRICT;

CREATE TRIGGER journal_anchor_remains BEFORE DELETE ON journal_anchor
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER journal_anchor_stays BEFORE UPDATE ON journal_anchor
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE journal_cursor (
    reader TEXT PRIMARY KEY,
    seq INTEGER NOT NULL CHECK (seq >= 0)
) STRICT, WITHOUT ROWID;

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
, origin INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX journal_event_actor ON journal_event (actor, seq);

CREATE INDEX journal_event_kind ON journal_event (kind, seq)
    WHERE frequent = 0;

CREATE INDEX journal_event_subject ON journal_event (subject, seq);

CREATE TRIGGER journal_event_remains BEFORE DELETE ON journal_event
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER journal_event_stays BEFORE UPDATE ON journal_event
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE journal_hour (
    first_seq INTEGER PRIMARY KEY,
    hour INTEGER NOT NULL
) STRICT;

CREATE INDEX journal_hour_hour ON journal_hour (hour, first_seq);

CREATE TABLE journal_key (
    number INTEGER PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('chain', 'sign')),
    first_seq INTEGER NOT NULL CHECK (first_seq >= 1),
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE journal_origin (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL,
    credential TEXT NOT NULL,
    route TEXT NOT NULL,
    UNIQUE (address, credential, route)
) STRICT;

CREATE TRIGGER journal_origin_remains BEFORE DELETE ON journal_origin
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER journal_origin_stays BEFORE UPDATE ON journal_origin
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

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

CREATE TABLE kit_site (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    practice INTEGER NOT NULL CHECK (practice IN (0, 1))
) STRICT;

CREATE TABLE outbox_errand (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL REFERENCES outbox_target (name),
    question INTEGER NOT NULL CHECK (question IN (0, 1)),
    work TEXT NOT NULL,
    telling TEXT NOT NULL CHECK (telling IN ('all', 'failures')),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'claimed', 'done', 'failed')),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    due_us INTEGER NOT NULL,
    made_us INTEGER NOT NULL,
    changed_us INTEGER NOT NULL,
    reason TEXT,
    note TEXT NOT NULL,
    answer TEXT
) STRICT;

CREATE INDEX outbox_errand_due ON outbox_errand (target, state, due_us, id);

CREATE INDEX outbox_errand_question ON outbox_errand (due_us, id)
    WHERE question = 1 AND state = 'waiting';

CREATE INDEX outbox_errand_state ON outbox_errand (state, id);

CREATE TABLE outbox_target (
    name TEXT PRIMARY KEY CHECK (length(name) > 0),
    form TEXT NOT NULL,
    failures INTEGER NOT NULL CHECK (failures >= 0),
    paused_until_us INTEGER NOT NULL,
    reason TEXT,
    note TEXT NOT NULL
) STRICT, WITHOUT ROWID;

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
    movement_id INTEGER, warehouse_id INTEGER,
    UNIQUE (actor, event)
) STRICT;

CREATE INDEX scan_parked_code ON scan_parked (code) WHERE state = 'open';

CREATE INDEX scan_parked_state ON scan_parked (state, id);

CREATE TABLE stock_balance (
    unit INTEGER NOT NULL,
    account INTEGER NOT NULL,
    outside INTEGER NOT NULL CHECK (outside IN (0, 1)),
    amount INTEGER NOT NULL CHECK (outside = 1 OR amount >= 0),
    moved_us INTEGER NOT NULL,
    PRIMARY KEY (unit, account)
) STRICT, WITHOUT ROWID;

CREATE INDEX stock_balance_account ON stock_balance (account, unit);

CREATE TABLE stock_day (
    day TEXT NOT NULL,
    warehouse_id INTEGER NOT NULL REFERENCES stock_warehouse (id),
    kind TEXT NOT NULL CHECK (kind = 'receive' OR kind = 'ship' OR kind = 'move' OR kind = 'adjust'),
    movements INTEGER NOT NULL CHECK (movements > 0),
    -- The movements of a day lie between these, whatever the clock did meanwhile.
    first_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL CHECK (last_id >= first_id), reach_id INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, warehouse_id, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX stock_day_sight ON stock_day (warehouse_id, reach_id);

CREATE TABLE stock_lot (
    id INTEGER PRIMARY KEY,
    variant_id INTEGER NOT NULL,
    code TEXT NOT NULL CHECK (length(code) > 0),
    expiry_day TEXT CHECK (expiry_day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    created_us INTEGER NOT NULL,
    UNIQUE (variant_id, code)
) STRICT;

CREATE INDEX stock_lot_expiry ON stock_lot (expiry_day) WHERE expiry_day IS NOT NULL;

CREATE TABLE stock_movement (
    id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    source INTEGER NOT NULL,
    target INTEGER NOT NULL CHECK (target <> source),
    unit INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    kind TEXT NOT NULL CHECK (kind = 'receive' OR kind = 'ship' OR kind = 'move' OR kind = 'adjust'),
    item_id INTEGER NOT NULL,
    variant_id INTEGER NOT NULL,
    lot_id INTEGER REFERENCES stock_lot (id),
    serial TEXT,
    scale INTEGER NOT NULL CHECK (scale BETWEEN 0 AND 6),
    packaging_id INTEGER,
    count TEXT NOT NULL,
    reason TEXT,
    note TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    device_id INTEGER,
    device_at_us INTEGER,
    reverses_id INTEGER REFERENCES stock_movement (id),
    seq INTEGER NOT NULL
) STRICT;

CREATE INDEX stock_movement_adjust ON stock_movement (id) WHERE kind = 'adjust';

CREATE INDEX stock_movement_item ON stock_movement (item_id, id);

CREATE INDEX stock_movement_lot ON stock_movement (lot_id, id) WHERE lot_id IS NOT NULL;

CREATE INDEX stock_movement_move ON stock_movement (id) WHERE kind = 'move';

CREATE UNIQUE INDEX stock_movement_reverses ON stock_movement (reverses_id)
    WHERE reverses_id IS NOT NULL;

CREATE INDEX stock_movement_serial ON stock_movement (serial, id) WHERE serial IS NOT NULL;

CREATE INDEX stock_movement_source ON stock_movement (source, id)
    WHERE source > 3;

CREATE INDEX stock_movement_target ON stock_movement (target, id)
    WHERE target > 3;

CREATE TRIGGER stock_movement_remains BEFORE DELETE ON stock_movement
BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;

CREATE TRIGGER stock_movement_stays BEFORE UPDATE ON stock_movement
BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;

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

CREATE INDEX stock_place_parent ON stock_place (parent_id);

CREATE INDEX stock_place_warehouse ON stock_place (warehouse_id, kind, code);

CREATE TABLE stock_unit (
    id INTEGER PRIMARY KEY,
    item_id INTEGER NOT NULL,
    variant_id INTEGER NOT NULL,
    lot_id INTEGER REFERENCES stock_lot (id),
    serial TEXT CHECK (length(serial) > 0)
) STRICT;

CREATE INDEX stock_unit_item ON stock_unit (item_id, variant_id);

CREATE UNIQUE INDEX stock_unit_key
    ON stock_unit (variant_id, coalesce(lot_id, 0), coalesce(serial, ''));

CREATE INDEX stock_unit_lot ON stock_unit (lot_id) WHERE lot_id IS NOT NULL;

CREATE INDEX stock_unit_serial ON stock_unit (serial) WHERE serial IS NOT NULL;

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

CREATE TABLE stock_warehouse (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(code) > 0),
    name TEXT NOT NULL CHECK (length(name) > 0),
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    edition INTEGER NOT NULL CHECK (edition > 0)
) STRICT;

CREATE TABLE store_migration (
    room TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    name TEXT NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    at_us INTEGER NOT NULL,
    PRIMARY KEY (room, number)
) STRICT, WITHOUT ROWID;

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
