-- One row whatever the user is, none only while there is no coverage row.
-- Kept: it takes longer to plan than to run. LIMIT: that one row at most comes
-- of all partitions makes PostgreSQL think a plan for any user, which it keeps,
-- as cheap as one for this user.
SELECT c.schema, c.scale, c.since, c.as_of, c.has_backfill,
    c.has_gaps, c.has_dead, c.has_conflicts,
    CASE WHEN b.user_id IS NULL THEN 0 ELSE 1 END,
    b.earned, b.spent, b.payout, b.paid_out
FROM coverage c LEFT JOIN (
        SELECT user_id, earned, spent, payout, paid_out
        FROM balances WHERE user_id = %s
        LIMIT 1
    ) AS b ON TRUE
WHERE c.id = 1
