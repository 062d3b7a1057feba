DELETE FROM balances WHERE user_id = %s
