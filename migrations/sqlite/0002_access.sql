-- Who may send, who may read. Times are milliseconds since 1970; of secrets only SHA-256 hashes are kept.
CREATE TABLE source (
    name        TEXT PRIMARY KEY,
    created_at  INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

-- Ingest tokens: a source has one, and two while one takes the other's place.
CREATE TABLE ingest_token (
    source       TEXT NOT NULL REFERENCES source (name),
    number       INTEGER NOT NULL,        -- from 1, in each source
    hash         BLOB NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,                 -- none: until it is revoked
    last_used_at INTEGER,
    revoked_at   INTEGER,
    PRIMARY KEY (source, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    password_hash TEXT,               -- Argon2id in the PHC string format; none until an invited person has chosen one
    roles         TEXT NOT NULL,      -- separated by commas
    sources       TEXT NOT NULL,      -- the source scope: '*', or names separated by line feeds
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER
) STRICT;

CREATE TABLE session (
    number       INTEGER PRIMARY KEY, -- stays what it is when the id changes
    id           TEXT NOT NULL UNIQUE, -- 128 random bits in hexadecimal; worthless without a signed token that names it
    person       INTEGER NOT NULL REFERENCES person (id),
    address      TEXT NOT NULL,       -- where it began
    agent        TEXT,                -- and with what
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    ended_at     INTEGER
) STRICT;
CREATE INDEX session_person ON session (person, last_used_at);

-- Read tokens. One with a maker never allows more than its maker may at that moment.
CREATE TABLE token (
    name         TEXT PRIMARY KEY,
    hash         BLOB NOT NULL UNIQUE,
    roles        TEXT NOT NULL,
    sources      TEXT NOT NULL,
    maker        INTEGER REFERENCES person (id),   -- none: made at the command line
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER,
    revoked_at   INTEGER
) STRICT;

-- One-time links that set a password: the first admin's, an invited person's, or one that replaces a lost password.
CREATE TABLE link (
    hash       BLOB PRIMARY KEY,
    person     INTEGER REFERENCES person (id),   -- none: whoever uses it becomes the first admin
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;

-- What was tried lately and went wrong, so that guessing is slow, also after a restart. Bounded; a row whose window is
-- over means nothing.
CREATE TABLE attempt (
    key     BLOB PRIMARY KEY,      -- a keyed digest of what is counted, such as a network and a name
    since   INTEGER NOT NULL,
    taken   INTEGER NOT NULL,
    refused INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys that sign session tokens: each follows from the master key and its number. The newest signs, one that was replaced
-- verifies until its last token has expired, one that was revoked nothing.
CREATE TABLE session_key (
    number     INTEGER PRIMARY KEY,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
