-- Offer sets: packages of the catalogue by what they have in common, and the ATSs whose offers follow them. NULL, and empty
-- words: any. The patterns are those of `LIKE` on the folded words of packages.
CREATE TABLE offer_sets (
    id          UUID NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    type        TEXT,
    tag         TEXT NOT NULL,
    tag_like    TEXT NOT NULL,
    region      TEXT NOT NULL,
    region_like TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    version     BIGINT NOT NULL
);

CREATE TABLE offer_set_uses (
    set_id         UUID NOT NULL REFERENCES offer_sets (id),
    integration_id UUID NOT NULL REFERENCES integrations (id),
    PRIMARY KEY (set_id, integration_id)
);
CREATE INDEX offer_set_uses_by_integration ON offer_set_uses (integration_id);

-- A line that came with a set goes when no set that the ATS follows has its package any more.
ALTER TABLE offer_lines ADD COLUMN from_set BOOLEAN NOT NULL DEFAULT FALSE;
