-- Which mails are due is found without looking through all results that wait.
CREATE INDEX deliveries_mails_due ON deliveries (kind, due_at, id)
    WHERE kind = 'mail' AND state IN ('waiting', 'ambiguous');
