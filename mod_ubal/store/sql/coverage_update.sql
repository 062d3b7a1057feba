-- Kept: it is run for every page, and takes longer to plan than to run.
-- The latest since and the earliest as-of of the vendors in use (0 where one
-- has none); with no vendor in use, what was covered stays covered.
UPDATE coverage SET
    since = COALESCE(
        (SELECT MAX(v.since) FROM vendors v WHERE v.is_retired = 0), since),
    as_of = COALESCE(
        (SELECT MIN(v.as_of) FROM vendors v WHERE v.is_retired = 0), as_of),
    has_backfill = CASE WHEN EXISTS (
        SELECT 1 FROM backfills b JOIN vendors v ON v.id = b.vendor
        WHERE b.state = 0 AND v.is_retired = 0) OR EXISTS (
        SELECT 1 FROM windows w JOIN vendors v ON v.id = w.vendor
        WHERE w.ends_at <= v.since AND v.is_retired = 0) THEN 1 ELSE 0 END,
    has_gaps = CASE WHEN EXISTS (
        SELECT 1 FROM windows w JOIN vendors v ON v.id = w.vendor
        WHERE w.state <> 1 AND w.state <> 0 AND w.state <> 4 AND v.is_retired = 0)
        THEN 1 ELSE 0 END,
    has_dead = CASE WHEN EXISTS (
        SELECT 1 FROM dead_letters WHERE state = 'open' AND kind = 'dead')
        THEN 1 ELSE 0 END,
    has_conflicts = CASE WHEN EXISTS (
        SELECT 1 FROM dead_letters WHERE state = 'open' AND kind = 'conflict')
        THEN 1 ELSE 0 END
WHERE id = 1
