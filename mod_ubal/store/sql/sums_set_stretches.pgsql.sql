-- Kept: planned for many partitions, it takes longer to plan than to run.
INSERT INTO sums (user_id, level, bucket, earned, spent, payout, paid_out, n)
SELECT w.user_id, w.level, w.bucket, w.earned, w.spent, w.payout, w.paid_out,
    w.n
FROM UNNEST(CAST(%s AS TEXT[]), CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[]),
    CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[]),
    CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[]))
    AS w (user_id, level, bucket, earned, spent, payout, paid_out, n)
ON CONFLICT (user_id, level, bucket) DO UPDATE SET earned = excluded.earned,
    spent = excluded.spent, payout = excluded.payout,
    paid_out = excluded.paid_out, n = excluded.n
