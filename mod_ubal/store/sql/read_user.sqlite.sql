-- One row whatever the user is, none only while there is no coverage row.
SELECT c.schema, c.scale, c.since, c.as_of, c.has_backfill,
    c.has_gaps, c.has_dead, c.has_conflicts,
    CASE WHEN b.user_id IS NULL THEN 0 ELSE 1 END,
    b.earned, b.spent, b.payout, b.paid_out
FROM coverage c LEFT JOIN balances b ON b.user_id = %s
WHERE c.id = 1
