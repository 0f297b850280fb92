-- The hold, the library of reasons, and the candidate's invitation.

-- `hold_seconds` null: nobody is asked while the webhook waits. `hold_else`: what happens when the time is up.
ALTER TABLE customers ADD COLUMN hold_seconds BIGINT CHECK (hold_seconds BETWEEN 0 AND 10);
ALTER TABLE customers ADD COLUMN hold_else TEXT NOT NULL DEFAULT 'accept' CHECK (hold_else IN ('accept', 'later', 'reject'));
ALTER TABLE customers ADD COLUMN hold_message TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN language TEXT NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'de', 'fr', 'it', 'es'));
CREATE INDEX customers_that_hold ON customers (id) WHERE hold_seconds > 0;

-- Whether single letters are keys on this person's pages (WCAG 2.1.4: they can be switched off).
ALTER TABLE staff ADD COLUMN single_keys BOOLEAN NOT NULL DEFAULT TRUE;

-- Reasons in the recruiter's words. `uses` counts how often one was chosen.
CREATE TABLE reasons (
    id               UUID NOT NULL PRIMARY KEY,
    name             TEXT NOT NULL,
    for_rejection    BOOLEAN NOT NULL,
    for_cancellation BOOLEAN NOT NULL,
    position         BIGINT NOT NULL,
    uses             BIGINT NOT NULL,
    last_used_at     TIMESTAMPTZ,
    retired_at       TIMESTAMPTZ,
    created_at       TIMESTAMPTZ NOT NULL,
    version          BIGINT NOT NULL
);
CREATE INDEX reasons_by_position ON reasons (position, id);

CREATE TABLE reason_texts (
    reason_id UUID NOT NULL REFERENCES reasons (id) ON DELETE CASCADE,
    language  TEXT NOT NULL CHECK (language IN ('en', 'de', 'fr', 'it', 'es')),
    text      TEXT NOT NULL,
    PRIMARY KEY (reason_id, language)
);

-- `held_at`: since when Kombo waited for a person, kept for good. `invite_problem`: why the candidate could not be invited.
ALTER TABLE orders ADD COLUMN held_at TIMESTAMPTZ;
ALTER TABLE orders ADD COLUMN invite_problem TEXT CHECK (invite_problem IN ('no_address', 'no_start', 'refused', 'failed'));
ALTER TABLE orders ADD COLUMN reason_id UUID REFERENCES reasons (id);
CREATE INDEX orders_held ON orders (hold_until, id) WHERE hold_until IS NOT NULL;
CREATE INDEX orders_held_at ON orders (held_at, id) WHERE held_at IS NOT NULL;
CREATE INDEX orders_held_rejections ON orders (integration_id, held_at) WHERE held_at IS NOT NULL AND decision = 'reject';
CREATE INDEX orders_uninvited ON orders (received_at, id) WHERE invite_problem IS NOT NULL AND stage = 'accepted';

-- The words of the invitation, per language: the house's own (no customer), or a customer's.
CREATE TABLE invitation_texts (
    id          UUID NOT NULL PRIMARY KEY,
    customer_id UUID REFERENCES customers (id) ON DELETE CASCADE,
    language    TEXT NOT NULL CHECK (language IN ('en', 'de', 'fr', 'it', 'es')),
    subject     TEXT NOT NULL,
    body        TEXT NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL,
    version     BIGINT NOT NULL
);
CREATE UNIQUE INDEX invitation_texts_of_customer ON invitation_texts (customer_id, language) WHERE customer_id IS NOT NULL;
CREATE UNIQUE INDEX invitation_texts_of_house ON invitation_texts (language) WHERE customer_id IS NULL;

-- What a mail is for; null for everything that is no mail.
ALTER TABLE deliveries ADD COLUMN purpose TEXT CHECK (purpose IN ('invitation', 'test'));
CREATE INDEX deliveries_mails ON deliveries (created_at, id) WHERE kind = 'mail';
CREATE INDEX deliveries_mail_bodies ON deliveries (finished_at) WHERE kind = 'mail' AND body IS NOT NULL;

-- How long a package takes a candidate, in minutes, where that is known.
ALTER TABLE packages ADD COLUMN duration_minutes BIGINT CHECK (duration_minutes BETWEEN 1 AND 6000);

-- Whether progress updates are sent through an integration; null: what is known of its ATS decides.
ALTER TABLE integrations ADD COLUMN send_progress BOOLEAN;
