-- Where the transactions of a user end, counted from an instant.
SELECT created_at FROM transactions
WHERE user_id = %s AND created_at >= %lld
ORDER BY created_at LIMIT 1 OFFSET %lld
