-- Kept: it is run for every page, and takes longer to plan than to run.
-- Where coverage that reaches an instant goes on to.
SELECT MAX(ends_at) FROM windows
WHERE vendor = %lld AND ends_at > %lld AND begins_at <= %lld
    AND state IN (1, 3, 4)
