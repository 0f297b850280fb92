-- What a package is called in a language, for customers who are written to in it. What is empty, and what has no row, is
-- shown in the catalogue's own words.
CREATE TABLE package_texts (
    package_id  UUID NOT NULL REFERENCES packages (id),
    language    TEXT NOT NULL CHECK (language IN ('en', 'de', 'fr', 'it', 'es')),
    name        TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (package_id, language)
);
