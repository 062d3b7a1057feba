-- Kept: planned for many partitions, it takes longer to plan than to run.
-- Adds to the balances of a list of users, and says what they are then: but
-- not to those that could come to be too large.
INSERT INTO balances AS b (user_id, earned, spent, payout, paid_out, n,
    changed_at)
SELECT w.user_id, w.earned, w.spent, w.payout, w.paid_out, w.n,
    CAST(%lld AS BIGINT)
FROM UNNEST(CAST(%s AS TEXT[]), CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[]),
    CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[]))
    AS w (user_id, earned, spent, payout, paid_out, n)
ON CONFLICT (user_id) DO UPDATE SET earned = b.earned + excluded.earned,
    spent = b.spent + excluded.spent, payout = b.payout + excluded.payout,
    paid_out = b.paid_out + excluded.paid_out, n = b.n + excluded.n,
    changed_at = excluded.changed_at
WHERE GREATEST(ABS(b.earned), ABS(b.spent), ABS(b.payout), ABS(b.paid_out))
    <= %lld
RETURNING user_id, earned, spent, payout, paid_out, n
