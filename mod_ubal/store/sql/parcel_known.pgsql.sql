-- Kept: planned for many partitions, it takes longer to plan than to run.
-- Which ids of a list are stored, by their places in it. LIMIT: one by one
-- through the index, whatever is thought of the table.
SELECT w.place
FROM UNNEST(CAST(%s AS TEXT[])) WITH ORDINALITY AS w (id, place)
    CROSS JOIN LATERAL (
        SELECT 1 FROM ids i WHERE i.vendor = %lld AND i.id = w.id LIMIT 1
    ) AS c
