-- Kept: it is run for every page, and takes longer to plan than to run.
SELECT id, name, since, as_of FROM vendors WHERE is_retired = 0 ORDER BY id
