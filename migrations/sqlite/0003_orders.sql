-- Orders and everything that hangs on one.

CREATE TABLE orders (
    seq                   INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id                    BLOB NOT NULL UNIQUE,
    integration_id        BLOB NOT NULL REFERENCES integrations (id),
    kombo_id              TEXT NOT NULL,
    customer_id           BLOB REFERENCES customers (id),
    package_key           TEXT NOT NULL,
    package_id            BLOB REFERENCES packages (id),
    package_name          TEXT NOT NULL,
    stage                 TEXT NOT NULL CHECK (stage IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing', 'completed', 'rejected', 'cancelled')),
    stage_before          TEXT CHECK (stage_before IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing', 'completed', 'rejected', 'cancelled')),
    review_before         TEXT CHECK (review_before IN ('received', 'accepted', 'invited', 'started')),
    source                TEXT NOT NULL CHECK (source IN ('webhook', 'list')),
    inline                INTEGER NOT NULL,
    kombo_status          TEXT CHECK (kombo_status IN ('OPEN', 'COMPLETED', 'CANCELLED', 'REJECTED')),
    kombo_seen_at         TEXT,
    open_seen             INTEGER NOT NULL,
    open_seen_first       TEXT,
    absent_seen           INTEGER NOT NULL,
    absent_first          TEXT,
    answered_at           TEXT,
    hold_until            TEXT,
    undecided_until       TEXT,
    decision              TEXT CHECK (decision IN ('accept', 'reject')),
    decided_by            TEXT CHECK (decided_by IN ('rule', 'staff', 'kombo')),
    decided_staff         BLOB REFERENCES staff (id),
    decided_at            TEXT,
    decided_micros        INTEGER,
    decision_why          TEXT,
    reason_text           TEXT,
    final_status          TEXT CHECK (final_status IN ('COMPLETED', 'CANCELLED')),
    paused_at             TEXT,
    paused_reason         TEXT,
    unknown_package       INTEGER NOT NULL,
    differs               INTEGER NOT NULL,
    conflict              TEXT,
    not_in_kombo          INTEGER NOT NULL,
    unreachable           INTEGER NOT NULL,
    stuck                 INTEGER NOT NULL,
    assignee              BLOB REFERENCES staff (id),
    job_remote_id         TEXT,
    job_name              TEXT,
    job_code              TEXT,
    job_location          TEXT,
    application_remote_id TEXT,
    candidate_remote_id   TEXT,
    received_at           TEXT NOT NULL,
    due_at                TEXT NOT NULL,
    closed_at             TEXT,
    changed_at            TEXT NOT NULL,
    data_digest           BLOB NOT NULL,
    version               INTEGER NOT NULL,
    UNIQUE (integration_id, kombo_id)
) STRICT;
CREATE INDEX orders_by_received ON orders (received_at, id);
CREATE INDEX orders_by_stage ON orders (stage, received_at, id);
CREATE INDEX orders_by_customer ON orders (customer_id, received_at, id);
CREATE INDEX orders_by_customer_stage ON orders (customer_id, stage, received_at, id);
CREATE INDEX orders_by_package ON orders (package_key, received_at, id);
CREATE INDEX orders_by_due ON orders (due_at, id) WHERE stage NOT IN ('closing', 'completed', 'rejected', 'cancelled');
CREATE INDEX orders_undecided ON orders (undecided_until, id) WHERE undecided_until IS NOT NULL;
CREATE INDEX orders_flagged ON orders (received_at, id) WHERE conflict IS NOT NULL OR not_in_kombo OR stuck OR differs;
CREATE INDEX orders_open ON orders (received_at, id) WHERE stage NOT IN ('completed', 'rejected', 'cancelled');
CREATE INDEX orders_by_assignee ON orders (assignee, received_at, id) WHERE assignee IS NOT NULL;
CREATE INDEX orders_paused ON orders (received_at, id) WHERE paused_at IS NOT NULL;
CREATE INDEX orders_live_of_integration ON orders (integration_id, id) WHERE stage IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing');

-- Counters kept with every change of stage, so that no list counts rows. `customer_id` null is 'unassigned'.
CREATE TABLE order_counts (
    customer_id BLOB,
    stage       TEXT NOT NULL,
    orders      INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX order_counts_key ON order_counts (customer_id, stage) WHERE customer_id IS NOT NULL;
CREATE UNIQUE INDEX order_counts_nobody ON order_counts (stage) WHERE customer_id IS NULL;

-- The one home of a candidate's name, e-mail and phone.
CREATE TABLE candidates (
    order_id    BLOB NOT NULL PRIMARY KEY REFERENCES orders (id),
    customer_id BLOB,
    first_name  TEXT,
    last_name   TEXT,
    email       TEXT NOT NULL,
    phone       TEXT
) STRICT;

-- The search index made from the candidate, job, package and ids.
CREATE VIRTUAL TABLE order_search USING fts5 (words, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');

-- What came with an order and is shown but never searched: job description and hiring team, sealed.
CREATE TABLE order_bodies (
    order_id BLOB NOT NULL PRIMARY KEY REFERENCES orders (id),
    sealed   BLOB NOT NULL
) STRICT;

-- The result as staff entered it, sealed. One per order.
CREATE TABLE results (
    order_id    BLOB NOT NULL PRIMARY KEY REFERENCES orders (id),
    customer_id BLOB,
    state       TEXT NOT NULL CHECK (state IN ('draft', 'in_review', 'released')),
    content     BLOB NOT NULL,
    saved_by    BLOB REFERENCES staff (id),
    saved_at    TEXT NOT NULL,
    released_by BLOB REFERENCES staff (id),
    released_at TEXT,
    version     INTEGER NOT NULL
) STRICT;

-- Uploaded files: the bytes lie sealed under DATA_DIR/files/<id>.
CREATE TABLE files (
    id           BLOB NOT NULL PRIMARY KEY,
    order_id     BLOB NOT NULL REFERENCES orders (id),
    customer_id  BLOB,
    name         TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size         INTEGER NOT NULL,
    sha256       BLOB NOT NULL,
    position     INTEGER NOT NULL,
    created_by   BLOB REFERENCES staff (id),
    created_at   TEXT NOT NULL
) STRICT;
CREATE INDEX files_by_order ON files (order_id, position);

-- Secret links for people without an account: looked up by digest, kept sealed where they must be sent again.
CREATE TABLE links (
    digest      BLOB NOT NULL PRIMARY KEY,
    purpose     TEXT NOT NULL CHECK (purpose IN ('report', 'start')),
    order_id    BLOB NOT NULL REFERENCES orders (id),
    customer_id BLOB,
    sealed      BLOB NOT NULL,
    created_at  TEXT NOT NULL,
    revoked_at  TEXT
) STRICT;
CREATE INDEX links_by_order ON links (order_id, purpose);
