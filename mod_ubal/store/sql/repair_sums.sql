-- In two parts, whole milliards and the rest, that cannot overflow.
SELECT created_at / 86400000000, type,
    CAST(SUM(amount / 1000000000) AS BIGINT),
    CAST(SUM(amount - amount / 1000000000 * 1000000000) AS BIGINT)
FROM transactions
WHERE user_id = %s AND created_at >= %lld AND created_at <= %lld
GROUP BY created_at / 86400000000, type
