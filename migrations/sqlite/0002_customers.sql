-- Customers, their connections to Kombo, the catalogue and what each integration offers.

CREATE TABLE customers (
    id                BLOB NOT NULL PRIMARY KEY,
    name              TEXT NOT NULL,
    name_folded       TEXT NOT NULL,
    origin_id         TEXT NOT NULL UNIQUE,
    contact_email     TEXT NOT NULL,
    take_orders       TEXT NOT NULL CHECK (take_orders IN ('accept', 'later')),
    unknown_package   TEXT NOT NULL CHECK (unknown_package IN ('take', 'reject')),
    unknown_message   TEXT NOT NULL,
    withdrawn_package TEXT NOT NULL CHECK (withdrawn_package IN ('serve', 'reject')),
    withdrawn_message TEXT NOT NULL,
    invite            INTEGER NOT NULL,
    due_hours         INTEGER NOT NULL CHECK (due_hours BETWEEN 1 AND 8760),
    created_at        TEXT NOT NULL,
    archived_at       TEXT,
    version           INTEGER NOT NULL
) STRICT;
CREATE INDEX customers_by_name ON customers (name_folded, id);

-- Which customers a staff member may see, where that is not all of them.
CREATE TABLE staff_customers (
    staff_id    BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    customer_id BLOB NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    PRIMARY KEY (staff_id, customer_id)
) STRICT;

CREATE TABLE connection_links (
    id          BLOB NOT NULL PRIMARY KEY,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    tool        TEXT,
    language    TEXT NOT NULL,
    link_type   TEXT NOT NULL CHECK (link_type IN ('MAGIC_LINK', 'EMBEDDED')),
    link        BLOB NOT NULL,
    created_by  BLOB REFERENCES staff (id),
    created_at  TEXT NOT NULL,
    expires_at  TEXT NOT NULL
) STRICT;
CREATE INDEX connection_links_by_customer ON connection_links (customer_id, created_at);

-- `kombo_id` is Kombo's text (`greenhouse:…`). `news_at` orders what Kombo told us: older news never undoes newer.
CREATE TABLE integrations (
    id                BLOB NOT NULL PRIMARY KEY,
    kombo_id          TEXT NOT NULL UNIQUE,
    customer_id       BLOB REFERENCES customers (id),
    tool              TEXT NOT NULL,
    organization_name TEXT NOT NULL,
    origin_id         TEXT,
    state             TEXT NOT NULL CHECK (state IN ('ACTIVE', 'INVALID', 'INACTIVE', 'UNKNOWN')),
    qa_status         TEXT CHECK (qa_status IN ('PENDING', 'FAILED', 'PASSED')),
    setup_status      TEXT CHECK (setup_status IN ('INCOMPLETE', 'FINAL_SYNC_PENDING', 'COMPLETED')),
    news_at           TEXT NOT NULL,
    looked_up_at      TEXT,
    lookup_failed     TEXT,
    deleted_at        TEXT,
    parked_at         TEXT,
    parked_code       TEXT,
    offer_version     INTEGER NOT NULL,
    created_at        TEXT NOT NULL,
    version           INTEGER NOT NULL
) STRICT;
CREATE INDEX integrations_by_customer ON integrations (customer_id, created_at);
CREATE INDEX integrations_unassigned ON integrations (created_at) WHERE customer_id IS NULL;

-- The catalogue. `key` is the id that Kombo sees: stable, at most 36 characters.
CREATE TABLE packages (
    id          BLOB NOT NULL PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 36),
    name        TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    type        TEXT NOT NULL CHECK (type IN ('BEHAVIORAL', 'VIDEO_INTERVIEW', 'SKILLS_TEST', 'BACKGROUND_CHECK', 'REFERENCE_CHECK')),
    start_url   TEXT NOT NULL,
    max_score   TEXT NOT NULL,
    retired_at  TEXT,
    created_at  TEXT NOT NULL,
    version     INTEGER NOT NULL
) STRICT;
CREATE INDEX packages_by_name ON packages (name_folded, id);

-- The draft offer of an integration. Empty name or description: the catalogue's.
CREATE TABLE offer_lines (
    integration_id BLOB NOT NULL REFERENCES integrations (id),
    package_id     BLOB NOT NULL REFERENCES packages (id),
    position       INTEGER NOT NULL,
    name           TEXT NOT NULL,
    description    TEXT NOT NULL,
    PRIMARY KEY (integration_id, package_id)
) STRICT;
CREATE INDEX offer_lines_by_package ON offer_lines (package_id);

-- Publications: numbered per integration. `based_on` is the one that the person's diff was made against.
CREATE TABLE publications (
    id             BLOB NOT NULL PRIMARY KEY,
    integration_id BLOB NOT NULL REFERENCES integrations (id),
    number         INTEGER NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'confirmed', 'superseded', 'given_up')),
    based_on       BLOB,
    reason         TEXT NOT NULL,
    created_by     BLOB REFERENCES staff (id),
    created_at     TEXT NOT NULL,
    confirmed_at   TEXT,
    UNIQUE (integration_id, number)
) STRICT;
CREATE INDEX publications_confirmed ON publications (integration_id, number) WHERE state = 'confirmed';

CREATE TABLE publication_lines (
    publication_id BLOB NOT NULL REFERENCES publications (id),
    position       INTEGER NOT NULL,
    key            TEXT NOT NULL,
    name           TEXT NOT NULL,
    description    TEXT NOT NULL,
    type           TEXT NOT NULL,
    PRIMARY KEY (publication_id, key)
) STRICT;
