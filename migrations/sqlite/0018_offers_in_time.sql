-- From when to when an ATS offers a package: from the first moment until the moment after the last.
ALTER TABLE offer_lines ADD COLUMN valid_from TEXT;
ALTER TABLE offer_lines ADD COLUMN valid_until TEXT;
CREATE INDEX offer_lines_ending ON offer_lines (valid_until, integration_id) WHERE valid_until IS NOT NULL;
-- When the next line of the draft begins or ends to be offered; NULL: none does.
ALTER TABLE integrations ADD COLUMN offer_turns_at TEXT;
CREATE INDEX integrations_turning ON integrations (offer_turns_at) WHERE offer_turns_at IS NOT NULL;

-- Drafts that are to be published later, as they stood when somebody looked at them. One that could not be published stays,
-- with `failed`, until somebody looks again.
CREATE TABLE scheduled_publications (
    integration_id  BLOB NOT NULL PRIMARY KEY REFERENCES integrations (id),
    due_at          TEXT NOT NULL,
    offer_version   INTEGER NOT NULL,
    based_on        BLOB REFERENCES publications (id),
    reason          TEXT NOT NULL,
    empty_confirmed INTEGER NOT NULL,
    -- What goes then goes even if orders came for it in the meantime.
    whatever_orders INTEGER NOT NULL,
    created_by      BLOB REFERENCES staff (id),
    created_at      TEXT NOT NULL,
    failed_at       TEXT,
    failed          TEXT
) STRICT;
CREATE INDEX scheduled_publications_due ON scheduled_publications (due_at) WHERE failed_at IS NULL;
CREATE INDEX scheduled_publications_failed ON scheduled_publications (failed_at) WHERE failed_at IS NOT NULL;
