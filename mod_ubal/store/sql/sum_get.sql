SELECT earned, spent, payout, paid_out, n FROM sums
WHERE user_id = %s AND level = %lld AND bucket = %lld
