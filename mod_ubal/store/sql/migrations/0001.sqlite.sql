-- Schema 1. Times are microseconds since 1970 UTC, amounts counts of
-- 10^-scale, flags 0 or 1. The types of a transaction: 0 earned, 1 spent,
-- 2 payout, 3 paid_out. The states of a window: 0 open, 1 done, 2 parked,
-- 3 accepted.

-- What the database is: schema, scale, account_key, and its owner (token,
-- owner_host, owner_pid).
CREATE TABLE ubal_meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE vendors (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    since INTEGER NOT NULL DEFAULT 0,
    as_of INTEGER NOT NULL DEFAULT 0,
    largest_page INTEGER NOT NULL DEFAULT 0,
    is_retired INTEGER NOT NULL DEFAULT 0 CHECK (is_retired IN (0, 1))
) STRICT;

CREATE TABLE transactions (
    vendor INTEGER NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    type INTEGER NOT NULL CHECK (type BETWEEN 0 AND 3),
    amount INTEGER NOT NULL CHECK (
        amount BETWEEN -1000000000000000 AND 1000000000000000),
    commit_seq INTEGER NOT NULL,
    PRIMARY KEY (vendor, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX transactions_user ON transactions (user_id, created_at);

CREATE TABLE balances (
    user_id TEXT NOT NULL PRIMARY KEY,
    earned INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    payout INTEGER NOT NULL,
    paid_out INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- day is the number of whole days since 1970.
CREATE TABLE daily_sums (
    user_id TEXT NOT NULL,
    day INTEGER NOT NULL,
    earned INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    payout INTEGER NOT NULL,
    paid_out INTEGER NOT NULL,
    PRIMARY KEY (user_id, day)
) STRICT, WITHOUT ROWID;

-- total and accepted are -1 where there is none.
CREATE TABLE windows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    vendor INTEGER NOT NULL,
    begins_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
    is_single INTEGER NOT NULL CHECK (is_single IN (0, 1)),
    next_page INTEGER NOT NULL,
    total INTEGER NOT NULL,
    distinct_items INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    passes INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    CHECK (begins_at < ends_at)
) STRICT;

CREATE INDEX windows_end ON windows (vendor, ends_at);
CREATE INDEX windows_undone ON windows (vendor, begins_at) WHERE state <> 1;

-- The keys of a pass's items, while it goes on.
CREATE TABLE pass_keys (
    window_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (window_id, key)
) STRICT, WITHOUT ROWID;

-- Slots and fetch log in one. started and ended are CLOCK_BOOTTIME of boot,
-- in microseconds; at is wall clock. fault is NULL where a page was stored.
CREATE TABLE requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    boot TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    vendor INTEGER NOT NULL,
    window_id INTEGER NOT NULL,
    page INTEGER NOT NULL,
    at INTEGER NOT NULL,
    status INTEGER NOT NULL DEFAULT 0,
    ms INTEGER NOT NULL DEFAULT 0,
    fault TEXT,
    seen INTEGER NOT NULL DEFAULT 0,
    new INTEGER NOT NULL DEFAULT 0,
    duplicate INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0,
    conflict INTEGER NOT NULL DEFAULT 0,
    ignored INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX requests_account ON requests (account);
CREATE INDEX requests_vendor ON requests (vendor);
CREATE INDEX requests_failed ON requests (vendor) WHERE fault IS NOT NULL;
CREATE INDEX requests_open ON requests (id) WHERE ended IS NULL;

-- key and digest (of raw) tell letters apart; item_id is NULL where the item
-- has none that is usable.
CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    vendor INTEGER NOT NULL,
    item_id TEXT,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('dead', 'conflict')),
    reason TEXT NOT NULL,
    raw TEXT NOT NULL,
    request INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN ('open', 'superseded', 'replayed', 'dropped')),
    UNIQUE (vendor, key, digest)
) STRICT;

CREATE INDEX dead_letters_open ON dead_letters (kind, vendor, item_id)
    WHERE state = 'open';

-- One row: all that a reply says of the data beside the user's own sums.
-- scale is -1 until the first owner sets it.
CREATE TABLE coverage (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    since INTEGER NOT NULL,
    as_of INTEGER NOT NULL,
    has_backfill INTEGER NOT NULL,
    has_gaps INTEGER NOT NULL,
    has_dead INTEGER NOT NULL,
    has_conflicts INTEGER NOT NULL,
    schema INTEGER NOT NULL,
    scale INTEGER NOT NULL,
    commit_seq INTEGER NOT NULL
) STRICT;

INSERT INTO coverage VALUES (1, 0, 0, 0, 0, 0, 0, 1, -1, 0);
