INSERT INTO balances (user_id, earned, spent, payout, paid_out, n, changed_at)
VALUES (%s, %lld, %lld, %lld, %lld, %lld, %lld)
ON CONFLICT (user_id) DO UPDATE SET earned = excluded.earned,
    spent = excluded.spent, payout = excluded.payout,
    paid_out = excluded.paid_out, n = excluded.n,
    changed_at = excluded.changed_at
