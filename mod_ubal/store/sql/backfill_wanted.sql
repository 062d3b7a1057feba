-- Whether a range that has an instant was ever asked for.
SELECT 1 FROM backfills
WHERE vendor = %lld AND begins_at <= %lld AND ends_at > %lld LIMIT 1
