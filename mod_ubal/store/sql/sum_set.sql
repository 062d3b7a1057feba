INSERT INTO sums (user_id, level, bucket, earned, spent, payout, paid_out, n)
VALUES (%s, %lld, %lld, %lld, %lld, %lld, %lld, %lld)
ON CONFLICT (user_id, level, bucket) DO UPDATE SET earned = excluded.earned,
    spent = excluded.spent, payout = excluded.payout,
    paid_out = excluded.paid_out, n = excluded.n
