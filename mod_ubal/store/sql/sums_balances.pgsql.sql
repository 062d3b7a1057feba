-- Kept: planned for many partitions, it takes longer to plan than to run.
-- The balances of a list of users, and at which place of it each is.
SELECT w.place, c.earned, c.spent, c.payout, c.paid_out, c.n
FROM UNNEST(CAST(%s AS TEXT[])) WITH ORDINALITY AS w (user_id, place)
    CROSS JOIN LATERAL (
        SELECT b.earned, b.spent, b.payout, b.paid_out, b.n
        FROM balances b WHERE b.user_id = w.user_id
        LIMIT 1
    ) AS c
