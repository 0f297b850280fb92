-- What belongs to one customer is found without reading what belongs to others, however large the house is.

CREATE INDEX orders_open_of_customer ON orders (customer_id, received_at, id) WHERE stage NOT IN ('completed', 'rejected', 'cancelled');
CREATE INDEX orders_due_of_customer ON orders (customer_id, due_at, id) WHERE stage NOT IN ('closing', 'completed', 'rejected', 'cancelled');

-- The rail counts these on every page.
CREATE INDEX orders_stuck ON orders (customer_id) WHERE stuck AND stage = 'closing';

-- Whose an order is stands in the search index, too.
UPDATE order_search
    SET words = words || ' zq' || (SELECT lower(hex(o.customer_id)) FROM orders o WHERE o.seq = order_search.rowid)
    WHERE rowid IN (SELECT seq FROM orders WHERE customer_id IS NOT NULL);
