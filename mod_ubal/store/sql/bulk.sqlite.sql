-- A row for each id of the array, with its place in it. The order of the joins
-- is kept: the array leads, balances are looked up.
SELECT c.schema, c.scale, c.since, c.as_of, c.has_backfill, c.has_gaps,
    c.has_dead, c.has_conflicts, j.key, b.earned, b.spent, b.payout, b.paid_out
FROM coverage c CROSS JOIN json_each(%s) j
    LEFT JOIN balances b ON b.user_id = j.value
WHERE c.id = 1
