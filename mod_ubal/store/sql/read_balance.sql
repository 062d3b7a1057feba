-- What read_user.sql says of the user alone, for who knows the rest.
SELECT earned, spent, payout, paid_out FROM balances WHERE user_id = %s
