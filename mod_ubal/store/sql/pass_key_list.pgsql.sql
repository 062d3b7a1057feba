-- Keys of a list that are new to the pass, by their places in it; of one that
-- is there twice, the first.
WITH w AS (
    SELECT key, MIN(place) AS place
    FROM UNNEST(CAST(%s AS TEXT[])) WITH ORDINALITY AS l (key, place)
    GROUP BY key
), k AS (
    INSERT INTO pass_keys (window_id, key)
    SELECT CAST(%lld AS BIGINT), key FROM w
    ON CONFLICT DO NOTHING
    RETURNING key
)
SELECT w.place FROM k JOIN w ON w.key = k.key
