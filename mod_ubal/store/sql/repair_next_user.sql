-- Kept: planned for many partitions, it takes longer to plan than to run.
-- The first user after the given one that has a row of any kind.
SELECT MIN(user_id) FROM (
    SELECT MIN(user_id) AS user_id FROM transactions WHERE user_id > %s
    UNION ALL SELECT MIN(user_id) FROM balances WHERE user_id > %s
    UNION ALL SELECT MIN(user_id) FROM sums WHERE user_id > %s
) AS firsts
