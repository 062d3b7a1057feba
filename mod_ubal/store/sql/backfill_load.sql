SELECT id, begins_at, ends_at, cursor FROM backfills
WHERE vendor = %lld AND state = 0 ORDER BY cursor DESC
