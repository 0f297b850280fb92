-- As on SQLite, which else looks through all orders at the stage. PostgreSQL keeps its statistics up to date by itself.
DROP INDEX orders_stuck;
CREATE INDEX orders_stuck ON orders (stage, customer_id) WHERE stuck AND stage = 'closing';
DROP INDEX orders_uninvited;
CREATE INDEX orders_uninvited ON orders (stage, received_at, id) WHERE invite_problem IS NOT NULL AND stage = 'accepted';
