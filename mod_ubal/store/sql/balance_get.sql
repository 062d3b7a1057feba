-- Kept: planned for many partitions, it takes longer to plan than to run.
SELECT earned, spent, payout, paid_out, n FROM balances WHERE user_id = %s
