-- Only where its id is new.
WITH i AS (
    INSERT INTO ids (vendor, id, user_id, created_at)
    VALUES (%lld, %s, %s, %lld)
    ON CONFLICT DO NOTHING
    RETURNING vendor, id, user_id, created_at
)
INSERT INTO transactions (vendor, id, user_id, created_at, type, amount,
    commit_seq)
SELECT vendor, id, user_id, created_at, CAST(%lld AS BIGINT),
    CAST(%lld AS BIGINT), CAST(%lld AS BIGINT)
FROM i
