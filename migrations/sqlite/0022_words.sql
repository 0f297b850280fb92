-- The words that the search index holds, one row for each place: whether a word that somebody types may go on is one look at it.
CREATE VIRTUAL TABLE order_words USING fts5vocab ('order_search', 'instance');
