SELECT user_id, payout, paid_out FROM balances
WHERE payout > paid_out AND user_id > %s
ORDER BY user_id LIMIT %lld
