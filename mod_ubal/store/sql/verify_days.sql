SELECT 'user ' || user_id || ', day ' || day || ': stored less summed is '
    || SUM(earned) || ' earned, ' || SUM(spent) || ' spent, ' || SUM(payout)
    || ' payout, ' || SUM(paid_out) || ' paid_out, with ' || SUM(is_stored)
    || ' daily row(s) and ' || SUM(is_summed) || ' set(s) of transactions'
FROM (
    SELECT user_id, day, earned, spent, payout, paid_out, 1 AS is_stored,
        0 AS is_summed
    FROM daily_sums
    UNION ALL
    SELECT user_id, created_at / 86400000000,
        -SUM(CASE WHEN type = 0 THEN amount ELSE 0 END),
        -SUM(CASE WHEN type = 1 THEN amount ELSE 0 END),
        -SUM(CASE WHEN type = 2 THEN amount ELSE 0 END),
        -SUM(CASE WHEN type = 3 THEN amount ELSE 0 END), 0, 1
    FROM transactions GROUP BY user_id, created_at / 86400000000
) AS sides
GROUP BY user_id, day
HAVING SUM(is_stored) <> 1 OR SUM(is_summed) <> 1 OR SUM(earned) <> 0
    OR SUM(spent) <> 0 OR SUM(payout) <> 0 OR SUM(paid_out) <> 0
ORDER BY user_id, day LIMIT 1
