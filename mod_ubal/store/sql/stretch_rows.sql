-- Kept: planned for many partitions, it takes longer to plan than to run.
-- A user's transactions in the order of time, some at once.
SELECT created_at, vendor, id, type, amount FROM transactions
WHERE user_id = %s AND (created_at, vendor, id) > (%lld, %lld, %s)
ORDER BY created_at, vendor, id LIMIT %lld
