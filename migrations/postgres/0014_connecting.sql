-- Connecting an ATS: what became of each link, the ATSs that Kombo can connect, and the proof that an integration works.

-- `token` opens our own page, from which it goes on to Kombo's; links from before have none. `integration_id`: the one
-- that is to be connected again or set up, else the one that came of it.
ALTER TABLE connection_links ADD COLUMN kind TEXT NOT NULL DEFAULT 'connect' CHECK (kind IN ('connect', 'reconnect', 'set_up'));
ALTER TABLE connection_links ADD COLUMN integration_id UUID REFERENCES integrations (id);
ALTER TABLE connection_links ADD COLUMN token_digest BYTEA;
ALTER TABLE connection_links ADD COLUMN token BYTEA;
ALTER TABLE connection_links ADD COLUMN mail_id UUID REFERENCES deliveries (id);
ALTER TABLE connection_links ADD COLUMN opened_at TIMESTAMPTZ;
ALTER TABLE connection_links ADD COLUMN used_at TIMESTAMPTZ;
ALTER TABLE connection_links ADD COLUMN failed_at TIMESTAMPTZ;
ALTER TABLE connection_links ADD COLUMN failed_tool TEXT;
ALTER TABLE connection_links ADD COLUMN failed_log TEXT;
ALTER TABLE connection_links ADD COLUMN withdrawn_at TIMESTAMPTZ;
CREATE INDEX connection_links_by_integration ON connection_links (integration_id, created_at) WHERE integration_id IS NOT NULL;
CREATE INDEX connection_links_failed ON connection_links (failed_at) WHERE failed_at IS NOT NULL AND used_at IS NULL;

-- A mail can carry a connection link now.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_purpose_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_purpose_check CHECK (purpose IN ('invitation', 'test', 'connection'));

-- Kombo's list, as it was last read.
CREATE TABLE connectable_tools (
    tool       TEXT NOT NULL PRIMARY KEY,
    label      TEXT NOT NULL,
    guide_url  TEXT NOT NULL,
    read_at    TIMESTAMPTZ NOT NULL
);

-- `order_id` is the order that Kombo was asked for, to see that the result which we sent stands there. `evidence`: the
-- checklist of the moment in which all of it was proven, as JSON; nothing in it is personal.
CREATE TABLE go_lives (
    integration_id UUID NOT NULL PRIMARY KEY REFERENCES integrations (id),
    order_id       UUID REFERENCES orders (id),
    read_at        TIMESTAMPTZ,
    read_status    TEXT,
    read_failed    TEXT,
    evidence       TEXT,
    live_at        TIMESTAMPTZ
);
