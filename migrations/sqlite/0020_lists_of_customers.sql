-- The list of customers reads a few pages of the database instead of one for each row and table: what it shows of a customer,
-- its integrations and its open orders stands in the indexes that lead to them.
DROP INDEX customers_by_name;
CREATE INDEX customers_by_name ON customers (name_folded, id, archived_at, name);
DROP INDEX integrations_by_customer;
CREATE INDEX integrations_by_customer ON integrations (customer_id, created_at, deleted_at, state, parked_at, id);
CREATE INDEX order_counts_open ON order_counts (customer_id, stage, orders)
    WHERE stage NOT IN ('completed', 'rejected', 'cancelled');

-- Its search goes through tags without reading notes and instructions on the way.
CREATE INDEX customer_cards_tagged ON customer_cards (tags_folded, customer_id) WHERE tags_folded <> '';

-- How many offers wait to be published is counted in these two alone.
DROP INDEX integrations_unpublished;
CREATE INDEX integrations_unpublished ON integrations (id, customer_id, deleted_at, unpublished_at) WHERE unpublished_at IS NOT NULL;
CREATE INDEX customers_archived ON customers (archived_at, id) WHERE archived_at IS NOT NULL;
