-- A row of each side, with the same sums: no difference is worked out, as it
-- could overflow.
SELECT 'user ' || user_id || ': stored is ' ||
    CASE SUM(is_stored) WHEN 0 THEN 'nothing' ELSE
        SUM(n * is_stored) || ' transactions, '
        || SUM(earned * is_stored) || ' earned, '
        || SUM(spent * is_stored) || ' spent, '
        || SUM(payout * is_stored) || ' payout, '
        || SUM(paid_out * is_stored) || ' paid_out'
    END
    || '; the transactions sum up to ' ||
    CASE SUM(is_summed) WHEN 0 THEN 'nothing' ELSE
        SUM(n * is_summed) || ' transactions, '
        || SUM(earned * is_summed) || ' earned, '
        || SUM(spent * is_summed) || ' spent, '
        || SUM(payout * is_summed) || ' payout, '
        || SUM(paid_out * is_summed) || ' paid_out'
    END
FROM (
    SELECT user_id, n, earned, spent, payout, paid_out, 1 AS is_stored,
        0 AS is_summed
    FROM balances
    UNION ALL
    SELECT user_id, COUNT(*),
        SUM(CASE WHEN type = 0 THEN amount ELSE 0 END),
        SUM(CASE WHEN type = 1 THEN amount ELSE 0 END),
        SUM(CASE WHEN type = 2 THEN amount ELSE 0 END),
        SUM(CASE WHEN type = 3 THEN amount ELSE 0 END), 0, 1
    FROM transactions GROUP BY user_id
) AS sides
GROUP BY user_id
HAVING SUM(is_stored) <> 1 OR SUM(is_summed) <> 1
    OR MIN(n) <> MAX(n) OR MIN(earned) <> MAX(earned)
    OR MIN(spent) <> MAX(spent)
    OR MIN(payout) <> MAX(payout) OR MIN(paid_out) <> MAX(paid_out)
ORDER BY user_id LIMIT 1
