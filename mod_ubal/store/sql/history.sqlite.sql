-- What a user's transactions from p.first on add up to, up to p.last: stretches
-- of a level where they are kept, whatever is less one by one. CROSS keeps the
-- order of the joins: with another one, each transaction is compared with each
-- stretch. Where s.n is compared with w, too, SQLite makes no Bloom filter
-- after ANALYZE, for which it would read all of the table.
WITH p AS (
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
SELECT s.bucket * w.width, s.earned, s.spent, s.payout, s.paid_out
FROM p CROSS JOIN w CROSS JOIN sums s
WHERE w.level = p.level AND s.user_id = p.u AND s.level = p.level
    AND s.bucket >= p.first / w.width AND s.bucket < p.last / w.width
UNION ALL
SELECT x.created_at, CASE WHEN x.type = 0 THEN x.amount ELSE 0 END,
    CASE WHEN x.type = 1 THEN x.amount ELSE 0 END,
    CASE WHEN x.type = 2 THEN x.amount ELSE 0 END,
    CASE WHEN x.type = 3 THEN x.amount ELSE 0 END
FROM p CROSS JOIN w CROSS JOIN sums s CROSS JOIN transactions x
WHERE w.level < p.level AND s.user_id = p.u AND s.level = w.level
    AND s.bucket >= p.first / w.width AND s.bucket <= p.last / w.width
    AND s.n <= 128 + 0 * w.width
    AND x.user_id = p.u AND x.created_at >= s.bucket * w.width
    AND x.created_at < (s.bucket + 1) * w.width
    AND x.created_at >= p.first AND x.created_at < p.last
UNION ALL
SELECT x.created_at, CASE WHEN x.type = 0 THEN x.amount ELSE 0 END,
    CASE WHEN x.type = 1 THEN x.amount ELSE 0 END,
    CASE WHEN x.type = 2 THEN x.amount ELSE 0 END,
    CASE WHEN x.type = 3 THEN x.amount ELSE 0 END
FROM p CROSS JOIN transactions x
WHERE (SELECT b.n FROM balances b WHERE b.user_id = p.u) <= 128
    AND x.user_id = p.u AND x.created_at >= p.first AND x.created_at < p.last
