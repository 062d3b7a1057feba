SELECT 'over all users, stored less summed is ' || SUM(earned) || ' earned, '
    || SUM(spent) || ' spent, ' || SUM(payout) || ' payout, '
    || SUM(paid_out) || ' paid_out'
FROM (
    SELECT COALESCE(SUM(earned), 0) AS earned, COALESCE(SUM(spent), 0) AS spent,
        COALESCE(SUM(payout), 0) AS payout,
        COALESCE(SUM(paid_out), 0) AS paid_out
    FROM balances
    UNION ALL
    SELECT -COALESCE(SUM(CASE WHEN type = 0 THEN amount ELSE 0 END), 0),
        -COALESCE(SUM(CASE WHEN type = 1 THEN amount ELSE 0 END), 0),
        -COALESCE(SUM(CASE WHEN type = 2 THEN amount ELSE 0 END), 0),
        -COALESCE(SUM(CASE WHEN type = 3 THEN amount ELSE 0 END), 0)
    FROM transactions
) AS sides
HAVING SUM(earned) <> 0 OR SUM(spent) <> 0 OR SUM(payout) <> 0
    OR SUM(paid_out) <> 0
