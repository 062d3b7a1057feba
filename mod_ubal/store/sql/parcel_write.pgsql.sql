-- Kept: planned for many partitions, it takes longer to plan than to run.
-- Transactions and their ids. How many ids were new: were it not all, one of
-- them would be stored twice, and all has to be rolled back.
WITH w (id, user_id, created_at, type, amount) AS (
    SELECT * FROM UNNEST(CAST(%s AS TEXT[]), CAST(%s AS TEXT[]),
        CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[]))
), i AS (
    INSERT INTO ids (vendor, id, user_id, created_at)
    SELECT CAST(%lld AS BIGINT), id, user_id, created_at FROM w
    ON CONFLICT DO NOTHING
    RETURNING 1
), t AS (
    INSERT INTO transactions (vendor, id, user_id, created_at, type, amount,
        commit_seq)
    SELECT CAST(%lld AS BIGINT), id, user_id, created_at, type, amount,
        CAST(%lld AS BIGINT)
    FROM w
)
SELECT COUNT(*) FROM i
