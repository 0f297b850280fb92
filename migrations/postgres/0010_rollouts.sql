-- Offers that differ from what was published, publications that bring an earlier one back, and rollouts: publications for
-- many integrations at once.
ALTER TABLE publications ADD COLUMN restores UUID REFERENCES publications (id);

-- Since when the draft may differ from the newest word to Kombo; NULL: it does not.
ALTER TABLE integrations ADD COLUMN unpublished_at TIMESTAMPTZ;
CREATE INDEX integrations_unpublished ON integrations (id) WHERE unpublished_at IS NOT NULL;

CREATE TABLE rollouts (
    id         UUID NOT NULL PRIMARY KEY,
    reason     TEXT NOT NULL,
    created_by UUID REFERENCES staff (id),
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX rollouts_by_time ON rollouts (created_at, id);

-- What became of it for each integration: a publication, or `why` there is none.
CREATE TABLE rollout_integrations (
    rollout_id     UUID NOT NULL REFERENCES rollouts (id),
    integration_id UUID NOT NULL REFERENCES integrations (id),
    publication_id UUID REFERENCES publications (id),
    why            TEXT,
    PRIMARY KEY (rollout_id, integration_id),
    CHECK ((publication_id IS NULL) <> (why IS NULL))
);

-- Drafts from before: those whose lines are not the lines of the newest word to Kombo. (One that differs by nothing but the
-- order is found with its next change.)
UPDATE integrations SET unpublished_at = now()
WHERE EXISTS (
    SELECT 1 FROM offer_lines l JOIN packages k ON k.id = l.package_id
    WHERE l.integration_id = integrations.id AND k.retired_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM publication_lines pl
        WHERE pl.publication_id = (
                SELECT p.id FROM publications p
                WHERE p.integration_id = integrations.id AND p.state IN ('confirmed', 'waiting')
                ORDER BY p.number DESC LIMIT 1)
          AND pl.key = k.key AND pl.type = k.type
          AND pl.name = CASE l.name WHEN '' THEN k.name ELSE l.name END
          AND pl.description = CASE l.description WHEN '' THEN k.description ELSE l.description END))
OR EXISTS (
    SELECT 1 FROM publication_lines pl
    WHERE pl.publication_id = (
            SELECT p.id FROM publications p
            WHERE p.integration_id = integrations.id AND p.state IN ('confirmed', 'waiting')
            ORDER BY p.number DESC LIMIT 1)
      AND NOT EXISTS (
        SELECT 1 FROM offer_lines l JOIN packages k ON k.id = l.package_id
        WHERE l.integration_id = integrations.id AND k.key = pl.key AND k.retired_at IS NULL));

-- What comparing an offer with what Kombo holds came to, last.
CREATE TABLE offer_checks (
    integration_id UUID NOT NULL PRIMARY KEY REFERENCES integrations (id),
    publication_id UUID NOT NULL REFERENCES publications (id),
    checked_at     TIMESTAMPTZ NOT NULL,
    differences    BIGINT NOT NULL,
    differs_since  TIMESTAMPTZ,
    failed         TEXT
);
CREATE INDEX offer_checks_differing ON offer_checks (differs_since, integration_id) WHERE differs_since IS NOT NULL;
