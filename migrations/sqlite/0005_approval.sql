-- What somebody asks a second person to approve: an export of sealed values. Times are milliseconds since 1970.
CREATE TABLE approval (
    id          INTEGER PRIMARY KEY,
    digest      BLOB NOT NULL,      -- a keyed digest of who asks, for which very request, seeing which sources
    url         TEXT NOT NULL,      -- the request
    asked_by    TEXT NOT NULL REFERENCES person (name),
    sources     TEXT NOT NULL,      -- what whoever asks may see, as in person
    reason      TEXT NOT NULL,
    asked_at    INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    answered_by TEXT REFERENCES person (name),
    approved    INTEGER,            -- 1 or 0
    answer      TEXT,               -- why
    answered_at INTEGER,
    used_at     INTEGER             -- good once
) STRICT;
CREATE INDEX approval_digest ON approval (digest, asked_at);
