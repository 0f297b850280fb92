-- Every page counts stuck orders, and Today lists candidates who could not be invited. These indexes begin with the stage,
-- else SQLite takes that of all orders at the stage and looks through them.
DROP INDEX orders_stuck;
CREATE INDEX orders_stuck ON orders (stage, customer_id, stuck) WHERE stuck AND stage = 'closing';
DROP INDEX orders_uninvited;
CREATE INDEX orders_uninvited ON orders (stage, received_at, id) WHERE invite_problem IS NOT NULL AND stage = 'accepted';

-- Statistics of a young house lead SQLite astray once the house is large; they are not taken any more (src/store/db.rs).
DROP TABLE IF EXISTS sqlite_stat1;
DROP TABLE IF EXISTS sqlite_stat4;
