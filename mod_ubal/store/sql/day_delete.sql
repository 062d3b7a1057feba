DELETE FROM daily_sums WHERE user_id = %s AND day = %lld
