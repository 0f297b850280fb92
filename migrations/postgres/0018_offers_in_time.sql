-- From when to when an ATS offers a package: from the first moment until the moment after the last.
ALTER TABLE offer_lines ADD COLUMN valid_from TIMESTAMPTZ;
ALTER TABLE offer_lines ADD COLUMN valid_until TIMESTAMPTZ;
CREATE INDEX offer_lines_ending ON offer_lines (valid_until, integration_id) WHERE valid_until IS NOT NULL;
-- When the next line of the draft begins or ends to be offered; NULL: none does.
ALTER TABLE integrations ADD COLUMN offer_turns_at TIMESTAMPTZ;
CREATE INDEX integrations_turning ON integrations (offer_turns_at) WHERE offer_turns_at IS NOT NULL;

-- Drafts that are to be published later, as they stood when somebody looked at them. One that could not be published stays,
-- with `failed`, until somebody looks again.
CREATE TABLE scheduled_publications (
    integration_id  UUID NOT NULL PRIMARY KEY REFERENCES integrations (id),
    due_at          TIMESTAMPTZ NOT NULL,
    offer_version   BIGINT NOT NULL,
    based_on        UUID REFERENCES publications (id),
    reason          TEXT NOT NULL,
    empty_confirmed BOOLEAN NOT NULL,
    -- What goes then goes even if orders came for it in the meantime.
    whatever_orders BOOLEAN NOT NULL,
    created_by      UUID REFERENCES staff (id),
    created_at      TIMESTAMPTZ NOT NULL,
    failed_at       TIMESTAMPTZ,
    failed          TEXT
);
CREATE INDEX scheduled_publications_due ON scheduled_publications (due_at) WHERE failed_at IS NULL;
CREATE INDEX scheduled_publications_failed ON scheduled_publications (failed_at) WHERE failed_at IS NOT NULL;
