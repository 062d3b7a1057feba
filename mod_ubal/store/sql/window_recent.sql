-- The latest windows that are done, newest first: what their items tell of the
-- next ones.
SELECT begins_at, ends_at, own, accepted FROM windows
WHERE vendor = %lld AND state = 1 AND own >= 0
ORDER BY ends_at DESC LIMIT 16
