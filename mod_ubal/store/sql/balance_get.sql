SELECT earned, spent, payout, paid_out FROM balances WHERE user_id = %s
