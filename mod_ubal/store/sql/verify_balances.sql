SELECT 'user ' || user_id || ': stored less summed is ' || SUM(earned)
    || ' earned, ' || SUM(spent) || ' spent, ' || SUM(payout) || ' payout, '
    || SUM(paid_out) || ' paid_out, with ' || SUM(is_stored)
    || ' balance row(s) and ' || SUM(is_summed) || ' set(s) of transactions'
FROM (
    SELECT user_id, earned, spent, payout, paid_out, 1 AS is_stored,
        0 AS is_summed
    FROM balances
    UNION ALL
    SELECT user_id, -SUM(CASE WHEN type = 0 THEN amount ELSE 0 END),
        -SUM(CASE WHEN type = 1 THEN amount ELSE 0 END),
        -SUM(CASE WHEN type = 2 THEN amount ELSE 0 END),
        -SUM(CASE WHEN type = 3 THEN amount ELSE 0 END), 0, 1
    FROM transactions GROUP BY user_id
) AS sides
GROUP BY user_id
HAVING SUM(is_stored) <> 1 OR SUM(is_summed) <> 1 OR SUM(earned) <> 0
    OR SUM(spent) <> 0 OR SUM(payout) <> 0 OR SUM(paid_out) <> 0
ORDER BY user_id LIMIT 1
