-- Kept: planned for many partitions, it takes longer to plan than to run.
-- The stretches of a level that a list of users and buckets names, and at
-- which place of it each is.
SELECT w.place, c.earned, c.spent, c.payout, c.paid_out, c.n
FROM UNNEST(CAST(%s AS TEXT[]), CAST(%s AS BIGINT[]))
    WITH ORDINALITY AS w (user_id, bucket, place)
    CROSS JOIN LATERAL (
        SELECT s.earned, s.spent, s.payout, s.paid_out, s.n
        FROM sums s WHERE s.user_id = w.user_id AND s.level = %lld
            AND s.bucket = w.bucket
        LIMIT 1
    ) AS c
