-- The sums of a user's transactions before an instant t: stretches of time that
-- end by then, of each width those that lie in the wider one that has t in it,
-- and what is left one by one: those of the smallest stretch that has t in it.
-- One row, none only while there is no coverage row. Parameters are no joins:
-- after ANALYZE SQLite would lead with another table, or read a whole one to
-- make a Bloom filter of it.
WITH p AS (SELECT CAST(%s AS TEXT) AS u, CAST(%lld AS BIGINT) AS t),
tail AS (
    SELECT COALESCE(
        (SELECT s.bucket * 1000000
            FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 8
                AND s.bucket = (SELECT t FROM p) / 1000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 10000000
                ELSE (SELECT t FROM p) END
            FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 7
                AND s.bucket = (SELECT t FROM p) / 10000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 60000000
                ELSE (SELECT t FROM p) END
            FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 6
                AND s.bucket = (SELECT t FROM p) / 60000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 600000000
                ELSE (SELECT t FROM p) END
            FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 5
                AND s.bucket = (SELECT t FROM p) / 600000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 3600000000
                ELSE (SELECT t FROM p) END
            FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 4
                AND s.bucket = (SELECT t FROM p) / 3600000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 21600000000
                ELSE (SELECT t FROM p) END
            FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 3
                AND s.bucket = (SELECT t FROM p) / 21600000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 86400000000
                ELSE (SELECT t FROM p) END
            FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 2
                AND s.bucket = (SELECT t FROM p) / 86400000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 691200000000
                ELSE (SELECT t FROM p) END
            FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 1
                AND s.bucket = (SELECT t FROM p) / 691200000000),
        (SELECT CASE WHEN s.n <= 128 THEN s.bucket * 5529600000000
                ELSE (SELECT t FROM p) END
            FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 0
                AND s.bucket = (SELECT t FROM p) / 5529600000000),
        (SELECT CASE WHEN b.n <= 128 THEN 0 ELSE (SELECT t FROM p) END
            FROM balances b WHERE b.user_id = (SELECT u FROM p))) AS begins_at
),
parts AS (
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 0
        AND s.bucket < (SELECT t FROM p) / 5529600000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 1
        AND s.bucket >= (SELECT t FROM p) / 5529600000000 * 8
        AND s.bucket < (SELECT t FROM p) / 691200000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 2
        AND s.bucket >= (SELECT t FROM p) / 691200000000 * 8
        AND s.bucket < (SELECT t FROM p) / 86400000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 3
        AND s.bucket >= (SELECT t FROM p) / 86400000000 * 4
        AND s.bucket < (SELECT t FROM p) / 21600000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 4
        AND s.bucket >= (SELECT t FROM p) / 21600000000 * 6
        AND s.bucket < (SELECT t FROM p) / 3600000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 5
        AND s.bucket >= (SELECT t FROM p) / 3600000000 * 6
        AND s.bucket < (SELECT t FROM p) / 600000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 6
        AND s.bucket >= (SELECT t FROM p) / 600000000 * 10
        AND s.bucket < (SELECT t FROM p) / 60000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 7
        AND s.bucket >= (SELECT t FROM p) / 60000000 * 6
        AND s.bucket < (SELECT t FROM p) / 10000000
    UNION ALL
    SELECT s.earned, s.spent, s.payout, s.paid_out
    FROM sums s WHERE s.user_id = (SELECT u FROM p) AND s.level = 8
        AND s.bucket >= (SELECT t FROM p) / 10000000 * 10
        AND s.bucket < (SELECT t FROM p) / 1000000
    UNION ALL
    SELECT CASE WHEN x.type = 0 THEN x.amount ELSE 0 END,
        CASE WHEN x.type = 1 THEN x.amount ELSE 0 END,
        CASE WHEN x.type = 2 THEN x.amount ELSE 0 END,
        CASE WHEN x.type = 3 THEN x.amount ELSE 0 END
    FROM transactions x
    WHERE x.user_id = (SELECT u FROM p)
        AND x.created_at >= (SELECT begins_at FROM tail)
        AND x.created_at < (SELECT t FROM p)
)
SELECT c.schema, c.scale, c.since, c.as_of, c.has_backfill, c.has_gaps,
    c.has_dead, c.has_conflicts,
    (SELECT 1 FROM balances b WHERE b.user_id = (SELECT u FROM p)),
    a.earned, a.spent, a.payout, a.paid_out
FROM coverage c CROSS JOIN (
    SELECT CAST(SUM(earned) AS BIGINT) AS earned,
        CAST(SUM(spent) AS BIGINT) AS spent,
        CAST(SUM(payout) AS BIGINT) AS payout,
        CAST(SUM(paid_out) AS BIGINT) AS paid_out
    FROM parts
) AS a
WHERE c.id = 1
