-- Schema 2. A window has also the state 4: done, and being read again. early
-- and late count the items of its pass that lie before begins_at and from
-- ends_at on: what remains of accepted is the window's own. pass_total and
-- pass_distinct are those of its last whole pass that did not agree (-1:
-- none). tick is by how much before begins_at was asked. drift is by how much the vendor's total was above the ids that two
-- equal passes gave; vanished, how many items a later reading had less.
CREATE TABLE windows_2 (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    vendor INTEGER NOT NULL,
    begins_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
    is_single INTEGER NOT NULL CHECK (is_single IN (0, 1)),
    next_page INTEGER NOT NULL,
    total INTEGER NOT NULL,
    distinct_items INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    passes INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    tick INTEGER NOT NULL DEFAULT 0,
    early INTEGER NOT NULL DEFAULT 0,
    late INTEGER NOT NULL DEFAULT 0,
    own INTEGER NOT NULL DEFAULT -1,
    pass_total INTEGER NOT NULL DEFAULT -1,
    pass_distinct INTEGER NOT NULL DEFAULT -1,
    drift INTEGER NOT NULL DEFAULT 0,
    vanished INTEGER NOT NULL DEFAULT 0,
    CHECK (begins_at < ends_at)
) STRICT;

-- What windows of schema 1 had before their begin was not counted: they can
-- be compared with no total of today (own is -1).
INSERT INTO windows_2 (id, vendor, begins_at, ends_at, state, is_single,
    next_page, total, distinct_items, accepted, passes, failures)
SELECT id, vendor, begins_at, ends_at, state, is_single, next_page, total,
    distinct_items, accepted, passes, failures FROM windows;

DROP TABLE windows;

ALTER TABLE windows_2 RENAME TO windows;

CREATE INDEX windows_end ON windows (vendor, ends_at);
CREATE INDEX windows_undone ON windows (vendor, begins_at) WHERE state <> 1;

-- 1: what it is asked for it compares with less than it shows of an instant.
ALTER TABLE vendors ADD COLUMN is_coarse INTEGER NOT NULL DEFAULT 0
    CHECK (is_coarse IN (0, 1));

-- What was asked for in a page: passes do not outlive its change.
ALTER TABLE vendors ADD COLUMN page_size INTEGER NOT NULL DEFAULT 0;

-- Ranges of history that are wanted, fetched newest first: from cursor to
-- ends_at windows exist. state: 0 open, 1 done, 2 cancelled.
CREATE TABLE backfills (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    vendor INTEGER NOT NULL,
    begins_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    cursor INTEGER NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
    at INTEGER NOT NULL,
    CHECK (begins_at <= cursor AND cursor <= ends_at)
) STRICT;

CREATE INDEX backfills_open ON backfills (vendor, cursor) WHERE state = 0;

-- Files that are or were imported. size is -1 where it is not known; head is a
-- digest of the first bytes, digest one of all bytes up to position, which are
-- stored, up to line. begins_at and ends_at: the range that it covers whole; 0
-- where none was given. What is stored since commit first_seq may be of it.
-- state: 0 begun, 1 done, 2 given up.
CREATE TABLE imports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    vendor INTEGER NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    head TEXT NOT NULL,
    begins_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    request INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    position INTEGER NOT NULL DEFAULT 0,
    line INTEGER NOT NULL DEFAULT 0,
    digest TEXT NOT NULL DEFAULT '',
    seen INTEGER NOT NULL DEFAULT 0,
    new INTEGER NOT NULL DEFAULT 0,
    duplicate INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0,
    conflict INTEGER NOT NULL DEFAULT 0,
    state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2)
) STRICT;

CREATE INDEX imports_open ON imports (vendor, head) WHERE state = 0;

-- How many different items of an import lie in an hour of its range (whole
-- hours since 1970), until its windows are made.
CREATE TABLE import_hours (
    import INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    own INTEGER NOT NULL,
    PRIMARY KEY (import, hour)
) STRICT, WITHOUT ROWID;
