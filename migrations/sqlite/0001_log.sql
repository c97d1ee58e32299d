-- What the log is: facts about the data folder, fixed when it is made.
CREATE TABLE fact (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The months that have events. Each has tables of its own, made with its first event:
--   event_YYYYMM (position INTEGER PRIMARY KEY, seq, body)   the records, compressed
--   term_YYYYMM                                              their inverted index (FTS5); its rowid is the position
--   vocabulary_YYYYMM                                        the terms of that index (FTS5's own view of it)
-- A month that loses events is made anew beside them, as `event_YYYYMM_next` and `term_YYYYMM_next`, and takes their
-- names; what was is `…_gone` until it is erased. One that loses all of them goes.
CREATE TABLE partition (
    month INTEGER PRIMARY KEY
) STRICT;

-- Where each event stands: positions by sequence number, 256 to a row, each as its difference from the one before.
CREATE TABLE locator (
    block     INTEGER PRIMARY KEY,
    positions BLOB NOT NULL
) STRICT;

-- The tree over all records: the hashes of each level of its tiles, 127 to a row, which two of fill a page. `row` is the
-- level, shifted left by forty bits, and the number of the row on its level. Level 0 holds leaf hashes by sequence
-- number; a hash of any other follows from 256 of the level below. Never deleted.
CREATE TABLE tree (
    row    INTEGER PRIMARY KEY,
    hashes BLOB NOT NULL
) STRICT;

-- How many events there are by hour (span 0) and by day (span 1), source and value of the fields that have few values:
-- what views without a filter show. `start` counts hours since 1970; `source` and `value` are ids of `tally_value`.
CREATE TABLE tally (
    span   INTEGER NOT NULL,
    start  INTEGER NOT NULL,
    source INTEGER NOT NULL,
    value  INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (span, start, source, value)
) STRICT, WITHOUT ROWID;

-- The values that are tallied, sources among them. An empty value stands for all those beyond the limit of a field.
CREATE TABLE tally_value (
    id    INTEGER PRIMARY KEY,
    facet TEXT NOT NULL,
    value TEXT NOT NULL
) STRICT;

-- What the events of each source have shown, up to a limit for each kind: by it queries are completed, and a source's
-- drift is told.
CREATE TABLE shape (
    source TEXT NOT NULL,
    kind   TEXT NOT NULL,           -- 'action', 'change' (a field that changes) or 'detail' (a path into the details)
    name   TEXT NOT NULL,
    at     INTEGER NOT NULL,        -- when its first event happened, in milliseconds since 1970
    seq    INTEGER NOT NULL,        -- and its number
    drift  INTEGER NOT NULL,        -- 1 if the source was known by then, 0 if it was still being learned
    PRIMARY KEY (source, kind, name)
) STRICT, WITHOUT ROWID;

-- Producers' ids, remembered for good, so that a retry is harmless: one term an id, made of the id's keyed digest and
-- its content's; the rowid is the sequence number. An inverted index because it takes random keys in any number
-- without rewriting a page for each, as a B-tree would.
CREATE VIRTUAL TABLE producer_id USING fts5(term, content='', detail=none, columnsize=0, tokenize='ascii');
CREATE VIRTUAL TABLE producer_id_term USING fts5vocab(producer_id, instance);

-- Submissions that were refused, sealed with the master key, so that nothing is lost.
CREATE TABLE quarantine (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,   -- the record of access names it: never given twice
    source      TEXT NOT NULL,
    received_at INTEGER NOT NULL,   -- milliseconds since 1970
    size        INTEGER NOT NULL,   -- of the sealed body, in bytes
    about       BLOB NOT NULL,      -- what a list tells of it, sealed, too
    sealed      BLOB NOT NULL
) STRICT;
CREATE INDEX quarantine_by_source ON quarantine (source, id);
CREATE INDEX quarantine_by_age ON quarantine (received_at);

-- What each actor of a source has shown so far, by which the writer tells what is new: a row an actor, written in the
-- transaction of the events that changed it. `key` is a keyed digest of source and id; `shown` holds keyed digests of
-- actions, addresses, countries and user agents.
CREATE TABLE actor (
    key      INTEGER PRIMARY KEY,
    source   TEXT NOT NULL,
    id       TEXT NOT NULL,
    first    INTEGER NOT NULL,      -- its first event, in milliseconds since 1970
    last_day INTEGER NOT NULL,      -- the day of its last one, counted from 1970
    events   INTEGER NOT NULL,      -- how many taught, up to where it is known
    many     INTEGER NOT NULL,      -- kinds of which it showed too many values: a bit each
    shown    BLOB NOT NULL
) STRICT;

-- The rules by which values are masked or sealed, and those that were in force before; records name their version.
CREATE TABLE rule_set (
    version INTEGER PRIMARY KEY,
    text    TEXT NOT NULL,
    made_at INTEGER NOT NULL,       -- milliseconds since 1970
    made_by TEXT                    -- nobody for those that a log starts with
) STRICT;
