SELECT created_at, type, amount FROM transactions
WHERE user_id = %s AND created_at >= %lld AND created_at < %lld
