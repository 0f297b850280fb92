-- What every webhook writes is keyed by ids that grow with time, so that rows written together stand together: a commit
-- then writes few pages.

-- The body of a webhook belongs to its row in the inbox. It stays sealed as it was, bound to its digest.
CREATE TABLE inbox_bodies_by_row (
    inbox_id   UUID NOT NULL PRIMARY KEY,
    sealed     BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
INSERT INTO inbox_bodies_by_row (inbox_id, sealed, created_at, expires_at)
    SELECT i.id, b.sealed, b.created_at, b.expires_at FROM inbox i JOIN inbox_bodies b ON b.digest = i.digest ORDER BY i.id;
DROP TABLE inbox_bodies;
ALTER TABLE inbox_bodies_by_row RENAME TO inbox_bodies;
ALTER INDEX inbox_bodies_by_row_pkey RENAME TO inbox_bodies_pkey;
CREATE INDEX inbox_bodies_by_expiry ON inbox_bodies (expires_at);

-- A link is found by its id, which its token names, and opens where the token's digest is this one. One that was made before
-- has the first half of that digest for an id: its token names none.
ALTER TABLE links ADD COLUMN id UUID;
UPDATE links SET id = CAST(encode(substring(digest FROM 1 FOR 16), 'hex') AS UUID);
ALTER TABLE links DROP CONSTRAINT links_pkey;
ALTER TABLE links ADD PRIMARY KEY (id);
