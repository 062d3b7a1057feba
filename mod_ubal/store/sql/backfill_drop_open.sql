-- What a cancelled backfill leaves open, before where coverage begins.
DELETE FROM windows
WHERE vendor = %lld AND state <> 1 AND state = 0 AND ends_at <= %lld
RETURNING id, begins_at
