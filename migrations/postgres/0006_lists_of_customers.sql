-- What belongs to one customer is found without reading what belongs to others, however large the house is.

CREATE INDEX orders_open_of_customer ON orders (customer_id, received_at, id) WHERE stage NOT IN ('completed', 'rejected', 'cancelled');
CREATE INDEX orders_due_of_customer ON orders (customer_id, due_at, id) WHERE stage NOT IN ('closing', 'completed', 'rejected', 'cancelled');

-- The rail counts these on every page.
CREATE INDEX orders_stuck ON orders (customer_id) WHERE stuck AND stage = 'closing';

-- Whose an order is stands in the search index, too.
UPDATE order_search s
    SET words = s.words || to_tsvector('simple', 'zq' || replace(CAST(o.customer_id AS TEXT), '-', ''))
    FROM orders o WHERE o.seq = s.order_seq AND o.customer_id IS NOT NULL;
