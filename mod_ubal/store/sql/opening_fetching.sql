-- A vendor's history from before an instant that is still to be fetched.
SELECT 1 WHERE EXISTS (
    SELECT 1 FROM backfills
    WHERE vendor = %lld AND state = 0 AND begins_at < %lld)
OR EXISTS (
    SELECT 1 FROM windows
    WHERE vendor = %lld AND state <> 1 AND state = 0 AND begins_at < %lld)
