SELECT user_id, created_at, type, amount FROM transactions
WHERE vendor = %lld AND id = %s
