-- Second factors of people. Times are milliseconds since 1970.
CREATE TABLE factor (
    id         INTEGER PRIMARY KEY,
    person     INTEGER NOT NULL REFERENCES person (id),
    kind       TEXT NOT NULL,      -- 'totp' or 'passkey'
    name       TEXT NOT NULL,
    sealed     BLOB NOT NULL,      -- the secret, or the public key, sealed with a key derived from the master key
    last_step  INTEGER,            -- of 'totp': the last step whose code was used; no code works twice
    created_at INTEGER NOT NULL,
    used_at    INTEGER,
    UNIQUE (person, name)
) STRICT;

-- Codes for somebody whose factor is lost: keyed digests, each good once.
CREATE TABLE recovery_code (
    person  INTEGER NOT NULL REFERENCES person (id),
    digest  BLOB NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (person, digest)
) STRICT, WITHOUT ROWID;

-- Whose second factors an admin removed, until they add one.
CREATE TABLE factors_removed (
    person     INTEGER PRIMARY KEY REFERENCES person (id),
    removed_at INTEGER NOT NULL,
    removed_by TEXT NOT NULL,
    told       INTEGER NOT NULL    -- 1 once they were led to the page that says so
) STRICT;

-- Who gave the right password and is on the way to the second factor. It opens nothing else.
CREATE TABLE second_step (
    hash       BLOB PRIMARY KEY,
    person     INTEGER NOT NULL REFERENCES person (id),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What somebody proved once more who they are for. Gone with its session.
CREATE TABLE step_up (
    id               INTEGER PRIMARY KEY,
    session          TEXT NOT NULL REFERENCES session (id) ON UPDATE CASCADE,
    person           INTEGER NOT NULL REFERENCES person (id),
    purpose          TEXT NOT NULL,
    method           TEXT NOT NULL,
    request          BLOB,         -- a keyed digest of the one request that it is good for; none if it is good for a while
    authenticated_at INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX step_up_by_session ON step_up (session);

-- Tries at a second factor or a step-up, counted before they are evaluated. A restart forgets none.
CREATE TABLE guess (
    person INTEGER NOT NULL REFERENCES person (id),
    place  TEXT NOT NULL,          -- 'sign-in' or 'step-up'
    since  INTEGER NOT NULL,       -- when the window began
    taken  INTEGER NOT NULL,       -- how many were let through in it
    turned INTEGER NOT NULL,       -- how many were turned away in it
    wrong  INTEGER NOT NULL,       -- how many were wrong since the last right one
    PRIMARY KEY (person, place)
) STRICT, WITHOUT ROWID;
