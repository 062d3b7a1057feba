INSERT INTO daily_sums (user_id, day, earned, spent, payout, paid_out)
VALUES (%s, %lld, %lld, %lld, %lld, %lld)
ON CONFLICT (user_id, day) DO UPDATE SET earned = excluded.earned,
    spent = excluded.spent, payout = excluded.payout,
    paid_out = excluded.paid_out
