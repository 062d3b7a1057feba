SELECT 1 FROM transactions
WHERE user_id = %s AND created_at < %lld AND vendor <> %lld LIMIT 1
