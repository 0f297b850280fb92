-- The search index grows by small parts, and each search looks into all of them: two of the same size are enough to be put
-- together (`intake::reconciler` does so, a little at a time).
INSERT INTO order_search (order_search, rank) VALUES ('usermerge', 2);
