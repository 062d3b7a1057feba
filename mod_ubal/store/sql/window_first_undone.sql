-- Kept: it is run for every page, and takes longer to plan than to run.
-- The plus keeps SQLite from walking all windows by their end: few are not
-- done, and those have an index of their own.
SELECT MIN(begins_at) FROM windows
WHERE vendor = %lld AND +ends_at > %lld AND state <> 1 AND state <> 3 AND state <> 4
