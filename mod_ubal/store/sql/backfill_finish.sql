-- All of its windows exist, and none is open.
UPDATE backfills SET state = 1
WHERE vendor = %lld AND state = 0 AND cursor = begins_at AND NOT EXISTS (
    SELECT 1 FROM windows w WHERE w.vendor = backfills.vendor
        AND w.state <> 1 AND w.state = 0
        AND w.begins_at >= backfills.begins_at
        AND w.begins_at < backfills.ends_at)
