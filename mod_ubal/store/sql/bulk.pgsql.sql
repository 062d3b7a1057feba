-- A row for each id of the array, with its place in it. LIMIT: balances are
-- looked up one by one, each in its partition.
SELECT c.schema, c.scale, c.since, c.as_of, c.has_backfill, c.has_gaps,
    c.has_dead, c.has_conflicts, j.key - 1, b.earned, b.spent, b.payout,
    b.paid_out
FROM coverage c CROSS JOIN
    jsonb_array_elements_text(CAST(%s AS jsonb)) WITH ORDINALITY AS j (value, key)
    LEFT JOIN LATERAL (
        SELECT b.earned, b.spent, b.payout, b.paid_out FROM balances b
        WHERE b.user_id = j.value
        LIMIT 1
    ) AS b ON TRUE
WHERE c.id = 1
