-- The search index knows the age of its orders: of 65,536 that came one after the other each has a word for these, which
-- begins as customers' words do and nobody types. Words that many orders have are looked for among the newest first, and of
-- the older ones nothing is read.
CREATE FUNCTION order_aged(words TSVECTOR, seq BIGINT) RETURNS TSVECTOR LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT words || array_to_tsvector(ARRAY['zqa' || CAST(seq >> 16 AS TEXT)])
$$;

DROP INDEX order_search_words;
CREATE INDEX order_search_words ON order_search USING gin (order_aged(words, order_seq));
