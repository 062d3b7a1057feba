-- What instant.sqlite.sql says, with joins to the parameters: these are known
-- when it is planned then, and with them which partition a user is in.
WITH p AS NOT MATERIALIZED (
    SELECT CAST(%s AS TEXT) AS u, CAST(%lld AS BIGINT) AS t
),
tail AS (
    SELECT COALESCE(
        (SELECT s.bucket * 1000000
            FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 8
                AND s.bucket = p.t / 1000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 10000000
                ELSE p.t END
            FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 7
                AND s.bucket = p.t / 10000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 60000000
                ELSE p.t END
            FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 6
                AND s.bucket = p.t / 60000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 600000000
                ELSE p.t END
            FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 5
                AND s.bucket = p.t / 600000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 3600000000
                ELSE p.t END
            FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 4
                AND s.bucket = p.t / 3600000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 21600000000
                ELSE p.t END
            FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 3
                AND s.bucket = p.t / 21600000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 86400000000
                ELSE p.t END
            FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 2
                AND s.bucket = p.t / 86400000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 691200000000
                ELSE p.t END
            FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 1
                AND s.bucket = p.t / 691200000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 5529600000000
                ELSE p.t END
            FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 0
                AND s.bucket = p.t / 5529600000000),
        (SELECT CASE WHEN b.n <= 128 THEN 0 ELSE p.t END
            FROM p CROSS JOIN balances b WHERE b.user_id = p.u)) AS begins_at
),
parts AS (
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 0
        AND s.bucket < p.t / 5529600000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 1
        AND s.bucket >= p.t / 5529600000000 * 8
        AND s.bucket < p.t / 691200000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 2
        AND s.bucket >= p.t / 691200000000 * 8
        AND s.bucket < p.t / 86400000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 3
        AND s.bucket >= p.t / 86400000000 * 4
        AND s.bucket < p.t / 21600000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 4
        AND s.bucket >= p.t / 21600000000 * 6
        AND s.bucket < p.t / 3600000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 5
        AND s.bucket >= p.t / 3600000000 * 6
        AND s.bucket < p.t / 600000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 6
        AND s.bucket >= p.t / 600000000 * 10
        AND s.bucket < p.t / 60000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 7
        AND s.bucket >= p.t / 60000000 * 6
        AND s.bucket < p.t / 10000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM p CROSS JOIN sums s WHERE s.user_id = p.u AND s.level = 8
        AND s.bucket >= p.t / 10000000 * 10
        AND s.bucket < p.t / 1000000
    UNION ALL
    SELECT CASE WHEN x.type = 0 THEN x.amount ELSE 0 END,
        CASE WHEN x.type = 1 THEN x.amount ELSE 0 END,
        CASE WHEN x.type = 2 THEN x.amount ELSE 0 END,
        CASE WHEN x.type = 3 THEN x.amount ELSE 0 END
    FROM p CROSS JOIN transactions x
    WHERE x.user_id = p.u
        AND x.created_at >= (SELECT begins_at FROM tail)
        AND x.created_at < p.t
)
SELECT c.schema, c.scale, c.since, c.as_of, c.has_backfill, c.has_gaps,
    c.has_dead, c.has_conflicts,
    (SELECT 1 FROM p CROSS JOIN balances b WHERE b.user_id = p.u),
    a.earned, a.spent, a.payout, a.paid_out
FROM coverage c CROSS JOIN (
    SELECT CAST(SUM(earned) AS BIGINT) AS earned,
        CAST(SUM(spent) AS BIGINT) AS spent,
        CAST(SUM(payout) AS BIGINT) AS payout,
        CAST(SUM(paid_out) AS BIGINT) AS paid_out
    FROM parts
) AS a
WHERE c.id = 1
