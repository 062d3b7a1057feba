-- Kept: planned for many partitions, it takes longer to plan than to run.
-- Those that are there already stay as they are, and are not counted.
INSERT INTO ids (vendor, id, user_id, created_at)
SELECT CAST(%lld AS BIGINT), w.id, w.user_id, w.created_at
FROM UNNEST(CAST(%s AS TEXT[]), CAST(%s AS TEXT[]), CAST(%s AS BIGINT[]))
    AS w (id, user_id, created_at)
ON CONFLICT DO NOTHING
