-- Kept: planned for many partitions, it takes longer to plan than to run.
INSERT INTO balances (user_id, earned, spent, payout, paid_out, n, changed_at)
SELECT w.user_id, w.earned, w.spent, w.payout, w.paid_out, w.n,
    CAST(%lld AS BIGINT)
FROM UNNEST(CAST(%s AS TEXT[]), CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[]),
    CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[]))
    AS w (user_id, earned, spent, payout, paid_out, n)
ON CONFLICT (user_id) DO UPDATE SET earned = excluded.earned,
    spent = excluded.spent, payout = excluded.payout,
    paid_out = excluded.paid_out, n = excluded.n,
    changed_at = excluded.changed_at
