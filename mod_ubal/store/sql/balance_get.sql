SELECT earned, spent, payout, paid_out, n FROM balances WHERE user_id = %s
