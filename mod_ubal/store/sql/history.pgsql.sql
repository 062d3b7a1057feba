-- What history.sqlite.sql says. The parameters are known when it is planned,
-- and with them which partition a user is in. OFFSET keeps the order of the
-- joins: with another one, each transaction is compared with each stretch.
WITH p AS NOT MATERIALIZED (
    SELECT CAST(%s AS TEXT) AS u, CAST(%lld AS BIGINT) AS first,
        CAST(%lld AS BIGINT) AS last, CAST(%lld AS BIGINT) AS level
),
w (level, width) AS (
    VALUES (0, 5529600000000),
        (1, 691200000000),
        (2, 86400000000),
        (3, 21600000000),
        (4, 3600000000),
        (5, 600000000),
        (6, 60000000),
        (7, 10000000),
        (8, 1000000)
)
SELECT s.begins_at, s.earned, s.spent, s.payout, s.paid_out
FROM p CROSS JOIN w CROSS JOIN LATERAL (
    SELECT s.bucket * w.width AS begins_at, s.earned, s.spent, s.payout,
        s.paid_out
    FROM sums s
    WHERE s.user_id = p.u AND s.level = p.level
        AND s.bucket >= p.first / w.width AND s.bucket < p.last / w.width
    OFFSET 0
) AS s
WHERE w.level = p.level
UNION ALL
SELECT x.created_at, CASE WHEN x.type = 0 THEN x.amount ELSE 0 END,
    CASE WHEN x.type = 1 THEN x.amount ELSE 0 END,
    CASE WHEN x.type = 2 THEN x.amount ELSE 0 END,
    CASE WHEN x.type = 3 THEN x.amount ELSE 0 END
FROM p CROSS JOIN w CROSS JOIN LATERAL (
    SELECT s.bucket * w.width AS begins_at,
        (s.bucket + 1) * w.width AS ends_at
    FROM sums s
    WHERE s.user_id = p.u AND s.level = w.level
        AND s.bucket >= p.first / w.width AND s.bucket <= p.last / w.width
        AND s.n <= 128
    OFFSET 0
) AS s CROSS JOIN LATERAL (
    SELECT x.created_at, x.type, x.amount FROM transactions x
    WHERE x.user_id = p.u AND x.created_at >= s.begins_at
        AND x.created_at < s.ends_at
        AND x.created_at >= p.first AND x.created_at < p.last
    OFFSET 0
) AS x
WHERE w.level < p.level
UNION ALL
SELECT x.created_at, CASE WHEN x.type = 0 THEN x.amount ELSE 0 END,
    CASE WHEN x.type = 1 THEN x.amount ELSE 0 END,
    CASE WHEN x.type = 2 THEN x.amount ELSE 0 END,
    CASE WHEN x.type = 3 THEN x.amount ELSE 0 END
FROM p CROSS JOIN transactions x
WHERE (SELECT b.n FROM p CROSS JOIN balances b WHERE b.user_id = p.u) <= 128
    AND x.user_id = p.u AND x.created_at >= p.first AND x.created_at < p.last
