SELECT user_id, COUNT(*)
    || ' ' || SUM(CASE WHEN type = 0 THEN amount ELSE 0 END)
    || ' ' || SUM(CASE WHEN type = 1 THEN amount ELSE 0 END)
    || ' ' || SUM(CASE WHEN type = 2 THEN amount ELSE 0 END)
    || ' ' || SUM(CASE WHEN type = 3 THEN amount ELSE 0 END)
    || ' ' || SUM(created_at %% 1000000007)
    || ' ' || SUM(commit_seq %% 1000000007)
    || ' ' || MIN(id COLLATE "C") || ' ' || MAX(id COLLATE "C")
    || ' ' || SUM(OCTET_LENGTH(id) + vendor)
FROM transactions WHERE user_id > %s AND user_id <= %s
GROUP BY user_id ORDER BY user_id
