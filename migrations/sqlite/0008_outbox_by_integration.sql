-- What is due is looked for integration by integration, each from its earliest: none has to wait until all that another
-- one has to send was looked through.
CREATE INDEX deliveries_to_kombo ON deliveries (integration_id, due_at, id)
    WHERE state IN ('waiting', 'ambiguous') AND kind IN ('result', 'publication');
