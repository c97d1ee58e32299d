-- What each month holds of each source: by which it is told what is no longer kept, without a look at an event. Written
-- in the transaction of the events.
CREATE TABLE portion (
    month  INTEGER NOT NULL,       -- as in `partition`
    source TEXT NOT NULL,
    events INTEGER NOT NULL,
    bytes  INTEGER NOT NULL,       -- of records, as they lie on disk
    first  INTEGER NOT NULL,       -- sequence numbers
    last   INTEGER NOT NULL,
    newest INTEGER NOT NULL,       -- when the last of them was received, in milliseconds since 1970
    PRIMARY KEY (month, source)
) STRICT, WITHOUT ROWID;

-- How long events are kept. The source '*' stands for all that have no rule of their own.
CREATE TABLE retention_rule (
    source     TEXT PRIMARY KEY,
    term       TEXT,               -- '400 days' or 'for good'; none: the rule for all again
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Runs of retention, by the sequence number of the event that says so.
CREATE TABLE retention_run (
    event      INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,            -- none: under way, or cut off
    failure    TEXT,               -- why it did not do all that its event says
    events     INTEGER NOT NULL,   -- that it removed
    bytes      INTEGER NOT NULL
) STRICT;

-- Which events are gone: their sequence numbers, by month and source, many to a row. Never deleted: it is what tells
-- what was removed from what is missing.
CREATE TABLE removal (
    month  INTEGER NOT NULL,
    source TEXT NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    run    INTEGER NOT NULL REFERENCES retention_run (event),
    ranges BLOB NOT NULL,
    PRIMARY KEY (month, source, run, first)
) STRICT, WITHOUT ROWID;

-- What is kept whatever the rules say. One that was lifted stays here, as history.
CREATE TABLE hold (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    kind        TEXT NOT NULL,     -- 'actor' or 'query'
    held        TEXT NOT NULL,     -- the actor's id, or the query
    sources     TEXT NOT NULL,     -- '*', or names separated by line feeds
    reason      TEXT NOT NULL,
    set_at      INTEGER NOT NULL,
    set_by      TEXT NOT NULL,
    lifted_at   INTEGER,
    lifted_by   TEXT,
    lift_reason TEXT
) STRICT;
