-- The tags of a customer's card are kept as those of packages: one a line, folded ones with a line end before and behind.
UPDATE customer_cards SET tags = replace(tags, ', ', char(10)), tags_folded = replace(tags_folded, ',', char(10));

-- No screen shows it, and Kombo's list has it wherever it is asked.
ALTER TABLE connectable_tools DROP COLUMN guide_url;
