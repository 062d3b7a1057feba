-- Kept: planned for many partitions, it takes longer to plan than to run.
-- What is stored under the ids of a list, and at which place of it each is.
-- LIMIT: one by one through the indexes, whatever is thought of the tables.
SELECT w.place, c.user_id, c.created_at, c.type, c.amount, c.commit_seq
FROM UNNEST(CAST(%s AS TEXT[])) WITH ORDINALITY AS w (id, place)
    CROSS JOIN LATERAL (
        SELECT t.user_id, t.created_at, t.type, t.amount, t.commit_seq
        FROM ids i JOIN transactions t ON t.user_id = i.user_id
            AND t.created_at = i.created_at AND t.vendor = i.vendor
            AND t.id = i.id
        WHERE i.vendor = %lld AND i.id = w.id
        LIMIT 1
    ) AS c
