-- What is flagged or paused of the customers that somebody sees stands in indexes of its own: without them, all that is flagged
-- in the house was looked through for it.
CREATE INDEX orders_flagged_of_customer ON orders (customer_id, received_at, id)
    WHERE conflict IS NOT NULL OR not_in_kombo OR stuck OR differs;
CREATE INDEX orders_paused_of_customer ON orders (customer_id, received_at, id) WHERE paused_at IS NOT NULL;
