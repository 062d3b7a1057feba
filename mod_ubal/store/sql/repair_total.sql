-- In two parts, whole milliards and the rest, that cannot overflow.
SELECT COUNT(*),
    CAST(COALESCE(SUM(earned / 1000000000), 0) AS BIGINT),
    CAST(COALESCE(SUM(earned - earned / 1000000000 * 1000000000), 0)
        AS BIGINT),
    CAST(COALESCE(SUM(spent / 1000000000), 0) AS BIGINT),
    CAST(COALESCE(SUM(spent - spent / 1000000000 * 1000000000), 0) AS BIGINT),
    CAST(COALESCE(SUM(payout / 1000000000), 0) AS BIGINT),
    CAST(COALESCE(SUM(payout - payout / 1000000000 * 1000000000), 0)
        AS BIGINT),
    CAST(COALESCE(SUM(paid_out / 1000000000), 0) AS BIGINT),
    CAST(COALESCE(SUM(paid_out - paid_out / 1000000000 * 1000000000), 0)
        AS BIGINT)
FROM daily_sums WHERE user_id = %s
