-- The words that the search index holds: whether a word that somebody types may go on is one look at it. Of each word the
-- letters that it begins with are kept, and a 0 behind them where it goes on with something else, as ids do: they would be
-- millions. What an order was found by once stays known; then a word is taken for one that may go on, and nothing is missed.
CREATE TABLE order_words (
    term TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

CREATE FUNCTION order_word(word TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE ltrim(word, 'abcdefghijklmnopqrstuvwxyz')
        WHEN '' THEN word
        WHEN word THEN NULL
        ELSE left(word, length(word) - length(ltrim(word, 'abcdefghijklmnopqrstuvwxyz'))) || '0'
    END
$$;

INSERT INTO order_words (term)
SELECT DISTINCT order_word(word) FROM order_search, unnest(tsvector_to_array(words)) word WHERE order_word(word) IS NOT NULL;

-- In the order of the words: two who add the same ones wait for each other, and never both.
CREATE FUNCTION keep_order_words() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO order_words (term)
    SELECT found.term
    FROM (SELECT DISTINCT order_word(word) AS term FROM added, unnest(tsvector_to_array(added.words)) word) found
    WHERE found.term IS NOT NULL AND (SELECT known.term FROM order_words known WHERE known.term = found.term) IS NULL
    ORDER BY found.term
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER keep_words_of_new AFTER INSERT ON order_search
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION keep_order_words();
CREATE TRIGGER keep_words_of_changed AFTER UPDATE ON order_search
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION keep_order_words();
