-- Staff, sessions, keys and what the house itself needs to remember.

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row while a `serve` is running: who holds the database. `place` names its machine (and the namespace of its
-- process numbers), `mark` the process there, so that a killed one is known to be gone without waiting.
CREATE TABLE holder (
    id        BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    process   UUID NOT NULL,
    described TEXT NOT NULL,
    place     TEXT NOT NULL,
    mark      TEXT NOT NULL,
    seen_at   TIMESTAMPTZ NOT NULL
);

-- Data keys, wrapped by SECRET_KEY; the row without a customer seals what belongs to nobody yet.
CREATE TABLE data_keys (
    id          UUID NOT NULL PRIMARY KEY,
    customer_id UUID,
    wrapped     BYTEA NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX data_keys_by_customer ON data_keys (customer_id) WHERE customer_id IS NOT NULL;
CREATE UNIQUE INDEX data_keys_of_nobody ON data_keys ((customer_id IS NULL)) WHERE customer_id IS NULL;

CREATE TABLE staff (
    id            UUID NOT NULL PRIMARY KEY,
    email         TEXT NOT NULL,
    email_folded  TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('admin', 'manager', 'operator', 'reviewer', 'viewer')),
    all_customers BOOLEAN NOT NULL,
    password_hash TEXT,
    time_zone     TEXT NOT NULL,
    theme         TEXT NOT NULL CHECK (theme IN ('auto', 'light', 'dark')),
    created_at    TIMESTAMPTZ NOT NULL,
    disabled_at   TIMESTAMPTZ,
    seen_at       TIMESTAMPTZ,
    version       BIGINT NOT NULL
);

-- One-time links: a new person's welcome, or a forgotten password.
CREATE TABLE staff_links (
    digest     BYTEA NOT NULL PRIMARY KEY,
    staff_id   UUID NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    purpose    TEXT NOT NULL CHECK (purpose IN ('welcome', 'reset')),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at    TIMESTAMPTZ
);
CREATE INDEX staff_links_by_staff ON staff_links (staff_id);

-- `digest` is the SHA-256 of the cookie, so that reading this table opens no session; `notices` are said once.
CREATE TABLE sessions (
    digest     BYTEA NOT NULL PRIMARY KEY,
    staff_id   UUID NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    notices    JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    seen_at    TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    agent      TEXT NOT NULL
);
CREATE INDEX sessions_by_staff ON sessions (staff_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Failed sign-ins by account and by address, as keyed digests: nothing here names a person.
CREATE TABLE throttle (
    digest        BYTEA NOT NULL PRIMARY KEY,
    failures      BIGINT NOT NULL,
    blocked_until TIMESTAMPTZ NOT NULL,
    forget_at     TIMESTAMPTZ NOT NULL
);
CREATE INDEX throttle_by_end ON throttle (forget_at);

CREATE TABLE audit (
    id          UUID NOT NULL PRIMARY KEY,
    at          TIMESTAMPTZ NOT NULL,
    actor       TEXT NOT NULL CHECK (actor IN ('staff', 'system', 'rule', 'kombo', 'candidate', 'command')),
    staff_id    UUID REFERENCES staff (id),
    action      TEXT NOT NULL,
    subject     TEXT NOT NULL,
    subject_id  UUID,
    customer_id UUID,
    order_id    UUID,
    detail      JSONB NOT NULL
);
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_by_order ON audit (order_id, at, id) WHERE order_id IS NOT NULL;
CREATE INDEX audit_by_subject ON audit (subject_id, at, id) WHERE subject_id IS NOT NULL;
CREATE INDEX audit_by_staff ON audit (staff_id, at, id) WHERE staff_id IS NOT NULL;
CREATE INDEX audit_by_customer ON audit (customer_id, at, id) WHERE customer_id IS NOT NULL;
