-- Whether a range that reaches so far back was ever asked for.
SELECT 1 FROM backfills WHERE vendor = %lld AND begins_at <= %lld LIMIT 1
