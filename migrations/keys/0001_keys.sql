-- The keys of a log, apart from its events, so that a backup of the events cannot bring an erased key back. Each is
-- wrapped by the master key that `master` is the fingerprint of.

-- The key that all keys of one log are derived from, but for those of subjects.
CREATE TABLE log_key (
    only    INTEGER PRIMARY KEY CHECK (only = 0),
    master  BLOB NOT NULL,
    wrapped BLOB NOT NULL
) STRICT;

-- The keys that values are sealed under. A subject has one at a time; `subject` is a keyed digest of it and its source.
-- An erased key has no bytes: its row is the tombstone that says so for good.
CREATE TABLE data_key (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    source    TEXT NOT NULL,
    subject   BLOB NOT NULL,
    master    BLOB NOT NULL,
    wrapped   BLOB,
    made_at   INTEGER NOT NULL,   -- milliseconds since 1970
    erased_at INTEGER,
    erased_by TEXT,
    reason    TEXT
) STRICT;
CREATE UNIQUE INDEX data_key_in_use ON data_key (subject) WHERE wrapped IS NOT NULL;
CREATE INDEX data_key_by_subject ON data_key (subject);
CREATE INDEX data_key_by_master ON data_key (master, id) WHERE wrapped IS NOT NULL;
