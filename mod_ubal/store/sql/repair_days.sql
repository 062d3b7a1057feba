SELECT day, earned, spent, payout, paid_out FROM daily_sums
WHERE user_id = %s AND day >= %lld AND day <= %lld
