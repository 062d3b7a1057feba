-- A line of each user, which is the same on both sides where the transactions
-- are. What is summed up besides the money cannot overflow.
SELECT user_id, COUNT(*)
    || ' ' || SUM(CASE WHEN type = 0 THEN amount ELSE 0 END)
    || ' ' || SUM(CASE WHEN type = 1 THEN amount ELSE 0 END)
    || ' ' || SUM(CASE WHEN type = 2 THEN amount ELSE 0 END)
    || ' ' || SUM(CASE WHEN type = 3 THEN amount ELSE 0 END)
    || ' ' || SUM(created_at % 1000000007)
    || ' ' || SUM(commit_seq % 1000000007)
    || ' ' || MIN(id) || ' ' || MAX(id)
    || ' ' || SUM(LENGTH(CAST(id AS BLOB)) + vendor)
FROM transactions GROUP BY user_id ORDER BY user_id
