-- Rules: numbered versions that are kept for good, drafts, and which rule decided about an order.

-- Rules are asked about business hours and about orders left. `business_hours` null: not known. `credits` null: not counted.
ALTER TABLE customers ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';
ALTER TABLE customers ADD COLUMN business_hours TEXT;
ALTER TABLE customers ADD COLUMN credits INTEGER CHECK (credits >= 0);

-- A version of the rules of a customer, or of those for all (no customer). The newest one is in force. `rules` is JSON.
CREATE TABLE rule_sets (
    id          BLOB NOT NULL PRIMARY KEY,
    customer_id BLOB REFERENCES customers (id),
    number      INTEGER NOT NULL,
    rules       TEXT NOT NULL,
    rule_count  INTEGER NOT NULL,
    note        TEXT NOT NULL,
    restores    INTEGER,
    created_by  BLOB REFERENCES staff (id),
    created_at  TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX rule_sets_of_customer ON rule_sets (customer_id, number) WHERE customer_id IS NOT NULL;
CREATE UNIQUE INDEX rule_sets_of_house ON rule_sets (number) WHERE customer_id IS NULL;

-- What is being written and is not in force yet. `based_on`: the number of the version that it began from.
CREATE TABLE rule_drafts (
    id          BLOB NOT NULL PRIMARY KEY,
    customer_id BLOB REFERENCES customers (id),
    rules       TEXT NOT NULL,
    based_on    INTEGER NOT NULL,
    restores    INTEGER,
    changed_by  BLOB REFERENCES staff (id),
    changed_at  TEXT NOT NULL,
    version     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX rule_drafts_of_customer ON rule_drafts (customer_id) WHERE customer_id IS NOT NULL;
CREATE UNIQUE INDEX rule_drafts_of_house ON rule_drafts ((1)) WHERE customer_id IS NULL;

-- The rule that decided, with its number and name as they were, and what happens where it had a person asked.
ALTER TABLE orders ADD COLUMN rule_set_id BLOB REFERENCES rule_sets (id);
ALTER TABLE orders ADD COLUMN rule_number INTEGER;
ALTER TABLE orders ADD COLUMN rule_name TEXT;
ALTER TABLE orders ADD COLUMN rule_micros INTEGER;
ALTER TABLE orders ADD COLUMN hold_else TEXT CHECK (hold_else IN ('accept', 'later', 'reject'));
ALTER TABLE orders ADD COLUMN job_country TEXT;
ALTER TABLE orders ADD COLUMN job_region TEXT;

-- What the same candidate was ordered before.
CREATE INDEX candidates_by_email ON candidates (customer_id, lower(email));
