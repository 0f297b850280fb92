-- What every webhook writes is keyed by ids that grow with time, so that rows written together stand together: a commit
-- then writes few pages.

-- The body of a webhook belongs to its row in the inbox. It stays sealed as it was, bound to its digest.
CREATE TABLE inbox_bodies_by_row (
    inbox_id   BLOB NOT NULL PRIMARY KEY,
    sealed     BLOB NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
INSERT INTO inbox_bodies_by_row (inbox_id, sealed, created_at, expires_at)
    SELECT i.id, b.sealed, b.created_at, b.expires_at FROM inbox i JOIN inbox_bodies b ON b.digest = i.digest ORDER BY i.id;
DROP TABLE inbox_bodies;
ALTER TABLE inbox_bodies_by_row RENAME TO inbox_bodies;
CREATE INDEX inbox_bodies_by_expiry ON inbox_bodies (expires_at);

-- A link is found by its id, which its token names, and opens where the token's digest is this one. One that was made before
-- has the first half of that digest for an id: its token names none.
CREATE TABLE links_by_id (
    id          BLOB NOT NULL PRIMARY KEY,
    digest      BLOB NOT NULL,
    purpose     TEXT NOT NULL CHECK (purpose IN ('report', 'start')),
    order_id    BLOB NOT NULL REFERENCES orders (id),
    customer_id BLOB,
    sealed      BLOB NOT NULL,
    created_at  TEXT NOT NULL,
    revoked_at  TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO links_by_id (id, digest, purpose, order_id, customer_id, sealed, created_at, revoked_at)
    SELECT substr(digest, 1, 16), digest, purpose, order_id, customer_id, sealed, created_at, revoked_at FROM links;
DROP TABLE links;
ALTER TABLE links_by_id RENAME TO links;
CREATE INDEX links_by_order ON links (order_id, purpose);
