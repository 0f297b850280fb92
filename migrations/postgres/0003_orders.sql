-- Orders and everything that hangs on one.

CREATE TABLE orders (
    seq                   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id                    UUID NOT NULL UNIQUE,
    integration_id        UUID NOT NULL REFERENCES integrations (id),
    kombo_id              TEXT NOT NULL,
    customer_id           UUID REFERENCES customers (id),
    package_key           TEXT NOT NULL,
    package_id            UUID REFERENCES packages (id),
    package_name          TEXT NOT NULL,
    stage                 TEXT NOT NULL CHECK (stage IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing', 'completed', 'rejected', 'cancelled')),
    stage_before          TEXT CHECK (stage_before IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing', 'completed', 'rejected', 'cancelled')),
    review_before         TEXT CHECK (review_before IN ('received', 'accepted', 'invited', 'started')),
    source                TEXT NOT NULL CHECK (source IN ('webhook', 'list')),
    inline                BOOLEAN NOT NULL,
    kombo_status          TEXT CHECK (kombo_status IN ('OPEN', 'COMPLETED', 'CANCELLED', 'REJECTED')),
    kombo_seen_at         TIMESTAMPTZ,
    open_seen             BIGINT NOT NULL,
    open_seen_first       TIMESTAMPTZ,
    absent_seen           BIGINT NOT NULL,
    absent_first          TIMESTAMPTZ,
    answered_at           TIMESTAMPTZ,
    hold_until            TIMESTAMPTZ,
    undecided_until       TIMESTAMPTZ,
    decision              TEXT CHECK (decision IN ('accept', 'reject')),
    decided_by            TEXT CHECK (decided_by IN ('rule', 'staff', 'kombo')),
    decided_staff         UUID REFERENCES staff (id),
    decided_at            TIMESTAMPTZ,
    decided_micros        BIGINT,
    decision_why          TEXT,
    reason_text           TEXT,
    final_status          TEXT CHECK (final_status IN ('COMPLETED', 'CANCELLED')),
    paused_at             TIMESTAMPTZ,
    paused_reason         TEXT,
    unknown_package       BOOLEAN NOT NULL,
    differs               BOOLEAN NOT NULL,
    conflict              TEXT,
    not_in_kombo          BOOLEAN NOT NULL,
    unreachable           BOOLEAN NOT NULL,
    stuck                 BOOLEAN NOT NULL,
    assignee              UUID REFERENCES staff (id),
    job_remote_id         TEXT,
    job_name              TEXT,
    job_code              TEXT,
    job_location          TEXT,
    application_remote_id TEXT,
    candidate_remote_id   TEXT,
    received_at           TIMESTAMPTZ NOT NULL,
    due_at                TIMESTAMPTZ NOT NULL,
    closed_at             TIMESTAMPTZ,
    changed_at            TIMESTAMPTZ NOT NULL,
    data_digest           BYTEA NOT NULL,
    version               BIGINT NOT NULL,
    UNIQUE (integration_id, kombo_id)
);
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
    customer_id UUID,
    stage       TEXT NOT NULL,
    orders      BIGINT NOT NULL
);
CREATE UNIQUE INDEX order_counts_key ON order_counts (customer_id, stage) WHERE customer_id IS NOT NULL;
CREATE UNIQUE INDEX order_counts_nobody ON order_counts (stage) WHERE customer_id IS NULL;

-- The one home of a candidate's name, e-mail and phone.
CREATE TABLE candidates (
    order_id    UUID NOT NULL PRIMARY KEY REFERENCES orders (id),
    customer_id UUID,
    first_name  TEXT,
    last_name   TEXT,
    email       TEXT NOT NULL,
    phone       TEXT
);

-- The search index made from the candidate, job, package and ids.
CREATE TABLE order_search (
    order_seq BIGINT NOT NULL PRIMARY KEY REFERENCES orders (seq),
    words     TSVECTOR NOT NULL
);
CREATE INDEX order_search_words ON order_search USING gin (words);

-- What came with an order and is shown but never searched: job description and hiring team, sealed.
CREATE TABLE order_bodies (
    order_id UUID NOT NULL PRIMARY KEY REFERENCES orders (id),
    sealed   BYTEA NOT NULL
);

-- The result as staff entered it, sealed. One per order.
CREATE TABLE results (
    order_id    UUID NOT NULL PRIMARY KEY REFERENCES orders (id),
    customer_id UUID,
    state       TEXT NOT NULL CHECK (state IN ('draft', 'in_review', 'released')),
    content     BYTEA NOT NULL,
    saved_by    UUID REFERENCES staff (id),
    saved_at    TIMESTAMPTZ NOT NULL,
    released_by UUID REFERENCES staff (id),
    released_at TIMESTAMPTZ,
    version     BIGINT NOT NULL
);

-- Uploaded files: the bytes lie sealed under DATA_DIR/files/<id>.
CREATE TABLE files (
    id           UUID NOT NULL PRIMARY KEY,
    order_id     UUID NOT NULL REFERENCES orders (id),
    customer_id  UUID,
    name         TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size         BIGINT NOT NULL,
    sha256       BYTEA NOT NULL,
    position     BIGINT NOT NULL,
    created_by   UUID REFERENCES staff (id),
    created_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX files_by_order ON files (order_id, position);

-- Secret links for people without an account: looked up by digest, kept sealed where they must be sent again.
CREATE TABLE links (
    digest      BYTEA NOT NULL PRIMARY KEY,
    purpose     TEXT NOT NULL CHECK (purpose IN ('report', 'start')),
    order_id    UUID NOT NULL REFERENCES orders (id),
    customer_id UUID,
    sealed      BYTEA NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    revoked_at  TIMESTAMPTZ
);
CREATE INDEX links_by_order ON links (order_id, purpose);
