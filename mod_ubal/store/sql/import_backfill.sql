-- A range of history that is being fetched already.
SELECT begins_at, cursor FROM backfills
WHERE vendor = %lld AND state = 0 AND begins_at < %lld AND cursor > %lld
LIMIT 1
