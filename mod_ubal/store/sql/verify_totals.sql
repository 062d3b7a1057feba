-- In two parts, whole milliards and the rest, as the sums over all users may be
-- more than an integer holds.
SELECT 'over all users, stored less summed is '
    || (SUM(earned_high) * 1000000000 + SUM(earned_low)) || ' earned, '
    || (SUM(spent_high) * 1000000000 + SUM(spent_low)) || ' spent, '
    || (SUM(payout_high) * 1000000000 + SUM(payout_low)) || ' payout, '
    || (SUM(paid_out_high) * 1000000000 + SUM(paid_out_low)) || ' paid_out'
FROM (
    SELECT
        COALESCE(SUM(earned / 1000000000), 0) AS earned_high,
        COALESCE(SUM(earned - earned / 1000000000 * 1000000000), 0)
            AS earned_low,
        COALESCE(SUM(spent / 1000000000), 0) AS spent_high,
        COALESCE(SUM(spent - spent / 1000000000 * 1000000000), 0)
            AS spent_low,
        COALESCE(SUM(payout / 1000000000), 0) AS payout_high,
        COALESCE(SUM(payout - payout / 1000000000 * 1000000000), 0)
            AS payout_low,
        COALESCE(SUM(paid_out / 1000000000), 0) AS paid_out_high,
        COALESCE(SUM(paid_out - paid_out / 1000000000 * 1000000000), 0)
            AS paid_out_low
    FROM balances
    UNION ALL
    SELECT
        -COALESCE(SUM(CASE WHEN type = 0 THEN high ELSE 0 END), 0),
        -COALESCE(SUM(CASE WHEN type = 0 THEN low ELSE 0 END), 0),
        -COALESCE(SUM(CASE WHEN type = 1 THEN high ELSE 0 END), 0),
        -COALESCE(SUM(CASE WHEN type = 1 THEN low ELSE 0 END), 0),
        -COALESCE(SUM(CASE WHEN type = 2 THEN high ELSE 0 END), 0),
        -COALESCE(SUM(CASE WHEN type = 2 THEN low ELSE 0 END), 0),
        -COALESCE(SUM(CASE WHEN type = 3 THEN high ELSE 0 END), 0),
        -COALESCE(SUM(CASE WHEN type = 3 THEN low ELSE 0 END), 0)
    FROM (
        SELECT type, amount / 1000000000 AS high,
            amount - amount / 1000000000 * 1000000000 AS low
        FROM transactions
    ) AS parts
) AS sides
HAVING SUM(earned_high) * 1000000000 + SUM(earned_low) <> 0
    OR SUM(spent_high) * 1000000000 + SUM(spent_low) <> 0
    OR SUM(payout_high) * 1000000000 + SUM(payout_low) <> 0
    OR SUM(paid_out_high) * 1000000000 + SUM(paid_out_low) <> 0
