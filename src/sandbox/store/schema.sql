-- The sandbox's own tables. They are practice data: a file of an older form is simply replaced.
CREATE TABLE IF NOT EXISTS integrations (
    id                TEXT NOT NULL PRIMARY KEY,
    tool              TEXT NOT NULL,
    organization_name TEXT NOT NULL,
    creator_email     TEXT,
    origin_id         TEXT,
    state             TEXT NOT NULL,
    qa_status         TEXT NOT NULL,
    setup_status      TEXT NOT NULL,
    created_at        TEXT NOT NULL,
    updated_at        TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS links (
    token             TEXT NOT NULL PRIMARY KEY,
    category          TEXT NOT NULL,
    organization_name TEXT NOT NULL,
    email             TEXT,
    origin_id         TEXT,
    tool              TEXT,
    integration_id    TEXT,
    created_at        TEXT NOT NULL,
    expires_at        TEXT NOT NULL,
    used_at           TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS packages (
    integration_id TEXT NOT NULL,
    id             TEXT NOT NULL,
    position       INTEGER NOT NULL,
    type           TEXT NOT NULL,
    name           TEXT NOT NULL,
    description    TEXT NOT NULL,
    updated_at     TEXT NOT NULL,
    withdrawn      INTEGER NOT NULL,
    PRIMARY KEY (integration_id, id)
) STRICT;

CREATE TABLE IF NOT EXISTS orders (
    seq            INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    integration_id TEXT NOT NULL,
    package_id     TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('OPEN', 'COMPLETED', 'CANCELLED', 'REJECTED')),
    inline         INTEGER NOT NULL,
    data           TEXT NOT NULL,
    created_at     TEXT NOT NULL,
    answer         TEXT,
    answer_status  INTEGER,
    start_url      TEXT,
    rejection      TEXT,
    closed_at      TEXT,
    closed_by      TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS orders_by_integration ON orders (integration_id, seq);
CREATE INDEX IF NOT EXISTS orders_by_status ON orders (integration_id, status, seq);

-- Every write that was applied; attachments' bytes stand beside.
CREATE TABLE IF NOT EXISTS results (
    id       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    order_id TEXT NOT NULL,
    at       TEXT NOT NULL,
    status   TEXT NOT NULL,
    body     TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS results_by_order ON results (order_id, id);

CREATE TABLE IF NOT EXISTS attachments (
    id           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    result_id    INTEGER NOT NULL,
    order_id     TEXT NOT NULL,
    name         TEXT NOT NULL,
    content_type TEXT NOT NULL,
    bytes        BLOB NOT NULL,
    sha256       TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS attachments_by_order ON attachments (order_id, id);

CREATE TABLE IF NOT EXISTS webhooks (
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at          TEXT NOT NULL,
    event_id    TEXT NOT NULL,
    type        TEXT NOT NULL,
    order_id    TEXT,
    http_status INTEGER,
    body        TEXT NOT NULL,
    note        TEXT NOT NULL,
    millis      INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS webhooks_by_order ON webhooks (order_id, id);

CREATE TABLE IF NOT EXISTS calls (
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at          TEXT NOT NULL,
    method      TEXT NOT NULL,
    path        TEXT NOT NULL,
    call        TEXT NOT NULL,
    integration TEXT,
    http_status INTEGER,
    code        TEXT,
    mischief    TEXT,
    millis      INTEGER NOT NULL
) STRICT;
