-- How many offers wait to be published is counted without looking at each one's customer: few are archived.
CREATE INDEX customers_archived ON customers (archived_at, id) WHERE archived_at IS NOT NULL;
