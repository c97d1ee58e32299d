-- Views that people keep: the state of a list of events, as its URL has it. Relative times stay relative.
CREATE TABLE view (
    slug       TEXT PRIMARY KEY,
    owner      TEXT NOT NULL REFERENCES person (name),
    name       TEXT NOT NULL,
    state      TEXT NOT NULL,      -- the query string of the URL
    shared     INTEGER NOT NULL,   -- 1 if everybody may use it; what it shows them is what they may see
    created_at INTEGER NOT NULL,
    UNIQUE (owner, name)
) STRICT;
