-- The inbox, the outbox and the reconciler.

-- One row per (event, body): kept for good; its body has a home and an end of its own.
CREATE TABLE inbox (
    id             UUID NOT NULL PRIMARY KEY,
    event_id       TEXT NOT NULL,
    type           TEXT NOT NULL,
    digest         BYTEA NOT NULL,
    size           BIGINT NOT NULL,
    integration    TEXT,
    kombo_order_id TEXT,
    order_id       UUID,
    customer_id    UUID,
    verdict        TEXT NOT NULL CHECK (verdict IN ('new_order', 'repeat', 'differs', 'integration', 'ignored', 'unreadable', 'failed')),
    why            TEXT,
    answer_status  BIGINT NOT NULL,
    answer_micros  BIGINT NOT NULL,
    first_at       TIMESTAMPTZ NOT NULL,
    last_at        TIMESTAMPTZ NOT NULL,
    times_seen     BIGINT NOT NULL,
    replayed_at    TIMESTAMPTZ,
    replays        BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    UNIQUE (event_id, digest)
);
CREATE INDEX inbox_by_time ON inbox (last_at, id);
CREATE INDEX inbox_by_verdict ON inbox (verdict, last_at, id);
CREATE INDEX inbox_failed ON inbox (last_at, id) WHERE verdict NOT IN ('new_order', 'repeat', 'differs', 'integration', 'ignored');
CREATE INDEX inbox_by_order ON inbox (order_id, last_at, id) WHERE order_id IS NOT NULL;
CREATE INDEX inbox_unassigned ON inbox (integration) WHERE customer_id IS NULL AND integration IS NOT NULL;
CREATE INDEX inbox_by_customer ON inbox (customer_id, last_at, id) WHERE customer_id IS NOT NULL;

CREATE TABLE inbox_bodies (
    digest     BYTEA NOT NULL PRIMARY KEY,
    sealed     BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX inbox_bodies_by_expiry ON inbox_bodies (expires_at);

-- One row per thing that must reach somebody else. `fence` rises with every claim; a late sender's word is not taken.
-- `doubt`: it may have arrived (or was refused, perhaps because it had), so it is read back before it is sent again.
CREATE TABLE deliveries (
    id             UUID NOT NULL PRIMARY KEY,
    kind           TEXT NOT NULL CHECK (kind IN ('result', 'publication', 'mail', 'event')),
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'ambiguous', 'parked', 'delivered', 'given_up', 'superseded', 'withdrawn')),
    integration_id UUID REFERENCES integrations (id),
    customer_id    UUID,
    order_id       UUID REFERENCES orders (id),
    publication_id UUID REFERENCES publications (id),
    final_status   TEXT CHECK (final_status IN ('COMPLETED', 'CANCELLED', 'OPEN')),
    body           BYTEA,
    attempts       BIGINT NOT NULL,
    due_at         TIMESTAMPTZ NOT NULL,
    lease_until    TIMESTAMPTZ,
    fence          BIGINT NOT NULL,
    doubt          TEXT CHECK (doubt IN ('unknown', 'refused')),
    last_code      TEXT,
    last_message   TEXT,
    why            TEXT,
    replaces       UUID,
    created_by     UUID REFERENCES staff (id),
    created_at     TIMESTAMPTZ NOT NULL,
    finished_at    TIMESTAMPTZ,
    version        BIGINT NOT NULL
);
CREATE INDEX deliveries_due ON deliveries (due_at, id) WHERE state IN ('waiting', 'ambiguous');
CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE state = 'sending';
CREATE INDEX deliveries_by_state ON deliveries (state, created_at, id);
CREATE INDEX deliveries_by_time ON deliveries (created_at, id);
CREATE INDEX deliveries_by_order ON deliveries (order_id, created_at, id) WHERE order_id IS NOT NULL;
CREATE INDEX deliveries_by_integration ON deliveries (integration_id, state);
CREATE INDEX deliveries_by_customer ON deliveries (customer_id, created_at, id) WHERE customer_id IS NOT NULL;
CREATE INDEX deliveries_by_publication ON deliveries (publication_id) WHERE publication_id IS NOT NULL;

-- What Kombo said in its own words can quote what was sent, so it is sealed (`said`, `reply`).
CREATE TABLE attempts (
    id          UUID NOT NULL PRIMARY KEY,
    delivery_id UUID NOT NULL REFERENCES deliveries (id),
    number      BIGINT NOT NULL,
    started_at  TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL,
    outcome     TEXT NOT NULL CHECK (outcome IN ('delivered', 'retry', 'refused', 'parked', 'unknown', 'read_back', 'lost_lease')),
    http_status BIGINT,
    code        TEXT,
    message     TEXT,
    warnings    BIGINT NOT NULL,
    said        BYTEA,
    log_url     TEXT,
    sent_digest BYTEA,
    sent_shape  JSONB NOT NULL,
    reply       BYTEA,
    UNIQUE (delivery_id, number)
);

CREATE TABLE reconciler_runs (
    id          UUID NOT NULL PRIMARY KEY,
    pass        TEXT NOT NULL CHECK (pass IN ('open', 'missing', 'daily')),
    started_at  TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    seen        BIGINT NOT NULL,
    healed      BIGINT NOT NULL,
    failed      BIGINT NOT NULL,
    error       TEXT
);
CREATE INDEX reconciler_runs_by_time ON reconciler_runs (started_at, id);
