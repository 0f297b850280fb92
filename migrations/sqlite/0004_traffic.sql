-- The inbox, the outbox and the reconciler.

-- One row per (event, body): kept for good; its body has a home and an end of its own.
CREATE TABLE inbox (
    id             BLOB NOT NULL PRIMARY KEY,
    event_id       TEXT NOT NULL,
    type           TEXT NOT NULL,
    digest         BLOB NOT NULL,
    size           INTEGER NOT NULL,
    integration    TEXT,
    kombo_order_id TEXT,
    order_id       BLOB,
    customer_id    BLOB,
    verdict        TEXT NOT NULL CHECK (verdict IN ('new_order', 'repeat', 'differs', 'integration', 'ignored', 'unreadable', 'failed')),
    why            TEXT,
    answer_status  INTEGER NOT NULL,
    answer_micros  INTEGER NOT NULL,
    first_at       TEXT NOT NULL,
    last_at        TEXT NOT NULL,
    times_seen     INTEGER NOT NULL,
    replayed_at    TEXT,
    replays        INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    UNIQUE (event_id, digest)
) STRICT;
CREATE INDEX inbox_by_time ON inbox (last_at, id);
CREATE INDEX inbox_by_verdict ON inbox (verdict, last_at, id);
CREATE INDEX inbox_failed ON inbox (last_at, id) WHERE verdict NOT IN ('new_order', 'repeat', 'differs', 'integration', 'ignored');
CREATE INDEX inbox_by_order ON inbox (order_id, last_at, id) WHERE order_id IS NOT NULL;
CREATE INDEX inbox_unassigned ON inbox (integration) WHERE customer_id IS NULL AND integration IS NOT NULL;
CREATE INDEX inbox_by_customer ON inbox (customer_id, last_at, id) WHERE customer_id IS NOT NULL;

CREATE TABLE inbox_bodies (
    digest     BLOB NOT NULL PRIMARY KEY,
    sealed     BLOB NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX inbox_bodies_by_expiry ON inbox_bodies (expires_at);

-- One row per thing that must reach somebody else. `fence` rises with every claim; a late sender's word is not taken.
-- `doubt`: it may have arrived (or was refused, perhaps because it had), so it is read back before it is sent again.
CREATE TABLE deliveries (
    id             BLOB NOT NULL PRIMARY KEY,
    kind           TEXT NOT NULL CHECK (kind IN ('result', 'publication', 'mail', 'event')),
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'ambiguous', 'parked', 'delivered', 'given_up', 'superseded', 'withdrawn')),
    integration_id BLOB REFERENCES integrations (id),
    customer_id    BLOB,
    order_id       BLOB REFERENCES orders (id),
    publication_id BLOB REFERENCES publications (id),
    final_status   TEXT CHECK (final_status IN ('COMPLETED', 'CANCELLED', 'OPEN')),
    body           BLOB,
    attempts       INTEGER NOT NULL,
    due_at         TEXT NOT NULL,
    lease_until    TEXT,
    fence          INTEGER NOT NULL,
    doubt          TEXT CHECK (doubt IN ('unknown', 'refused')),
    last_code      TEXT,
    last_message   TEXT,
    why            TEXT,
    replaces       BLOB,
    created_by     BLOB REFERENCES staff (id),
    created_at     TEXT NOT NULL,
    finished_at    TEXT,
    version        INTEGER NOT NULL
) STRICT;
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
    id          BLOB NOT NULL PRIMARY KEY,
    delivery_id BLOB NOT NULL REFERENCES deliveries (id),
    number      INTEGER NOT NULL,
    started_at  TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    outcome     TEXT NOT NULL CHECK (outcome IN ('delivered', 'retry', 'refused', 'parked', 'unknown', 'read_back', 'lost_lease')),
    http_status INTEGER,
    code        TEXT,
    message     TEXT,
    warnings    INTEGER NOT NULL,
    said        BLOB,
    log_url     TEXT,
    sent_digest BLOB,
    sent_shape  TEXT NOT NULL,
    reply       BLOB,
    UNIQUE (delivery_id, number)
) STRICT;

CREATE TABLE reconciler_runs (
    id          BLOB NOT NULL PRIMARY KEY,
    pass        TEXT NOT NULL CHECK (pass IN ('open', 'missing', 'daily')),
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    seen        INTEGER NOT NULL,
    healed      INTEGER NOT NULL,
    failed      INTEGER NOT NULL,
    error       TEXT
) STRICT;
CREATE INDEX reconciler_runs_by_time ON reconciler_runs (started_at, id);
