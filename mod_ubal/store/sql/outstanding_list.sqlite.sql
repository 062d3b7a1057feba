-- By name: where it was empty when SQLite analysed it, another would be taken.
SELECT user_id, payout, paid_out
FROM balances INDEXED BY balances_outstanding
WHERE payout > paid_out AND user_id > %s
ORDER BY user_id LIMIT %lld
