-- What a user has of each type before an instant, but for opening balances.
SELECT CAST(SUM(CASE type WHEN 0 THEN amount ELSE 0 END) AS BIGINT),
    CAST(SUM(CASE type WHEN 1 THEN amount ELSE 0 END) AS BIGINT),
    CAST(SUM(CASE type WHEN 2 THEN amount ELSE 0 END) AS BIGINT),
    CAST(SUM(CASE type WHEN 3 THEN amount ELSE 0 END) AS BIGINT)
FROM transactions
WHERE user_id = %s AND created_at < %lld AND vendor <> %lld
