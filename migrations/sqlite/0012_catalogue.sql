-- What else the catalogue says of a package. Tags and regions: a word a line; folded, with a line end before and behind each.
ALTER TABLE packages ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE packages ADD COLUMN tags_folded TEXT NOT NULL DEFAULT '';
ALTER TABLE packages ADD COLUMN regions TEXT NOT NULL DEFAULT '';
ALTER TABLE packages ADD COLUMN regions_folded TEXT NOT NULL DEFAULT '';
-- In how many hours its results are due; NULL: as the customer has it.
ALTER TABLE packages ADD COLUMN due_hours INTEGER CHECK (due_hours BETWEEN 1 AND 8760);
-- The result template, a line each: the parts that are expected (`Label: maximum`, or a label alone for a text), and what
-- scores mean (`lowest score: word`).
ALTER TABLE packages ADD COLUMN result_parts TEXT NOT NULL DEFAULT '';
ALTER TABLE packages ADD COLUMN score_bands TEXT NOT NULL DEFAULT '';

-- Files with packages that were read and wait for their person's word, one for each. `content` is JSON.
CREATE TABLE catalogue_uploads (
    id         BLOB NOT NULL PRIMARY KEY,
    staff_id   BLOB NOT NULL UNIQUE REFERENCES staff (id),
    file_name  TEXT NOT NULL,
    content    TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX catalogue_uploads_by_end ON catalogue_uploads (expires_at);
