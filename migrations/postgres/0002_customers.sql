-- Customers, their connections to Kombo, the catalogue and what each integration offers.

CREATE TABLE customers (
    id                UUID NOT NULL PRIMARY KEY,
    name              TEXT NOT NULL,
    name_folded       TEXT NOT NULL,
    origin_id         TEXT NOT NULL UNIQUE,
    contact_email     TEXT NOT NULL,
    take_orders       TEXT NOT NULL CHECK (take_orders IN ('accept', 'later')),
    unknown_package   TEXT NOT NULL CHECK (unknown_package IN ('take', 'reject')),
    unknown_message   TEXT NOT NULL,
    withdrawn_package TEXT NOT NULL CHECK (withdrawn_package IN ('serve', 'reject')),
    withdrawn_message TEXT NOT NULL,
    invite            BOOLEAN NOT NULL,
    due_hours         BIGINT NOT NULL CHECK (due_hours BETWEEN 1 AND 8760),
    created_at        TIMESTAMPTZ NOT NULL,
    archived_at       TIMESTAMPTZ,
    version           BIGINT NOT NULL
);
CREATE INDEX customers_by_name ON customers (name_folded, id);

-- Which customers a staff member may see, where that is not all of them.
CREATE TABLE staff_customers (
    staff_id    UUID NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    customer_id UUID NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    PRIMARY KEY (staff_id, customer_id)
);

CREATE TABLE connection_links (
    id          UUID NOT NULL PRIMARY KEY,
    customer_id UUID NOT NULL REFERENCES customers (id),
    tool        TEXT,
    language    TEXT NOT NULL,
    link_type   TEXT NOT NULL CHECK (link_type IN ('MAGIC_LINK', 'EMBEDDED')),
    link        BYTEA NOT NULL,
    created_by  UUID REFERENCES staff (id),
    created_at  TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX connection_links_by_customer ON connection_links (customer_id, created_at);

-- `kombo_id` is Kombo's text (`greenhouse:…`). `news_at` orders what Kombo told us: older news never undoes newer.
CREATE TABLE integrations (
    id                UUID NOT NULL PRIMARY KEY,
    kombo_id          TEXT NOT NULL UNIQUE,
    customer_id       UUID REFERENCES customers (id),
    tool              TEXT NOT NULL,
    organization_name TEXT NOT NULL,
    origin_id         TEXT,
    state             TEXT NOT NULL CHECK (state IN ('ACTIVE', 'INVALID', 'INACTIVE', 'UNKNOWN')),
    qa_status         TEXT CHECK (qa_status IN ('PENDING', 'FAILED', 'PASSED')),
    setup_status      TEXT CHECK (setup_status IN ('INCOMPLETE', 'FINAL_SYNC_PENDING', 'COMPLETED')),
    news_at           TIMESTAMPTZ NOT NULL,
    looked_up_at      TIMESTAMPTZ,
    lookup_failed     TEXT,
    deleted_at        TIMESTAMPTZ,
    parked_at         TIMESTAMPTZ,
    parked_code       TEXT,
    offer_version     BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    version           BIGINT NOT NULL
);
CREATE INDEX integrations_by_customer ON integrations (customer_id, created_at);
CREATE INDEX integrations_unassigned ON integrations (created_at) WHERE customer_id IS NULL;

-- The catalogue. `key` is the id that Kombo sees: stable, at most 36 characters.
CREATE TABLE packages (
    id          UUID NOT NULL PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 36),
    name        TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    type        TEXT NOT NULL CHECK (type IN ('BEHAVIORAL', 'VIDEO_INTERVIEW', 'SKILLS_TEST', 'BACKGROUND_CHECK', 'REFERENCE_CHECK')),
    start_url   TEXT NOT NULL,
    max_score   TEXT NOT NULL,
    retired_at  TIMESTAMPTZ,
    created_at  TIMESTAMPTZ NOT NULL,
    version     BIGINT NOT NULL
);
CREATE INDEX packages_by_name ON packages (name_folded, id);

-- The draft offer of an integration. Empty name or description: the catalogue's.
CREATE TABLE offer_lines (
    integration_id UUID NOT NULL REFERENCES integrations (id),
    package_id     UUID NOT NULL REFERENCES packages (id),
    position       BIGINT NOT NULL,
    name           TEXT NOT NULL,
    description    TEXT NOT NULL,
    PRIMARY KEY (integration_id, package_id)
);
CREATE INDEX offer_lines_by_package ON offer_lines (package_id);

-- Publications: numbered per integration. `based_on` is the one that the person's diff was made against.
CREATE TABLE publications (
    id             UUID NOT NULL PRIMARY KEY,
    integration_id UUID NOT NULL REFERENCES integrations (id),
    number         BIGINT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'confirmed', 'superseded', 'given_up')),
    based_on       UUID,
    reason         TEXT NOT NULL,
    created_by     UUID REFERENCES staff (id),
    created_at     TIMESTAMPTZ NOT NULL,
    confirmed_at   TIMESTAMPTZ,
    UNIQUE (integration_id, number)
);
CREATE INDEX publications_confirmed ON publications (integration_id, number) WHERE state = 'confirmed';

CREATE TABLE publication_lines (
    publication_id UUID NOT NULL REFERENCES publications (id),
    position       BIGINT NOT NULL,
    key            TEXT NOT NULL,
    name           TEXT NOT NULL,
    description    TEXT NOT NULL,
    type           TEXT NOT NULL,
    PRIMARY KEY (publication_id, key)
);
