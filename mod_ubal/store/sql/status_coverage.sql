-- The stored transactions are what the requests brought: counting a hundred
-- million of them would take its time.
SELECT c.schema, c.scale, c.since, c.as_of, c.has_backfill, c.has_gaps,
    c.has_dead, c.has_conflicts,
    (SELECT COALESCE(SUM(new), 0) FROM requests),
    (SELECT COUNT(*) FROM balances),
    (SELECT value FROM ubal_meta WHERE key = 'owner_host'),
    (SELECT value FROM ubal_meta WHERE key = 'owner_pid')
FROM coverage c WHERE c.id = 1
