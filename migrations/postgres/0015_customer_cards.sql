-- What the house knows of a customer beside its settings: who looks after it, whom to ask there, how to work for it.
-- `contacts`: a JSON list of name, role, e-mail and phone; `tags`: words with commas between, folded ones in `tags_folded`.
CREATE TABLE customer_cards (
    customer_id  UUID NOT NULL PRIMARY KEY REFERENCES customers (id),
    owner        UUID REFERENCES staff (id),
    contacts     TEXT NOT NULL,
    tags         TEXT NOT NULL,
    tags_folded  TEXT NOT NULL,
    instructions TEXT NOT NULL,
    notes        TEXT NOT NULL,
    version      BIGINT NOT NULL
);
