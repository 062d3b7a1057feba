-- Kept: planned for many partitions, it takes longer to plan than to run.
-- What is stored under the ids of a list, and at which place of it each is.
-- LIMIT, twice: one by one through each index, whatever is thought of the
-- tables. Joined, an empty table of transactions would be read whole for each
-- id, and go on so while it fills.
SELECT w.place, t.user_id, t.created_at, t.type, t.amount, t.commit_seq
FROM UNNEST(CAST(%s AS TEXT[])) WITH ORDINALITY AS w (id, place)
    CROSS JOIN LATERAL (
        SELECT vendor, id, user_id, created_at FROM ids
        WHERE vendor = %lld AND id = w.id
        LIMIT 1
    ) AS i
    CROSS JOIN LATERAL (
        SELECT user_id, created_at, type, amount, commit_seq FROM transactions
        WHERE user_id = i.user_id AND created_at = i.created_at
            AND vendor = i.vendor AND id = i.id
        LIMIT 1
    ) AS t
