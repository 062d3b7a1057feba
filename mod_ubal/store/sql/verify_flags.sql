SELECT 'coverage says gaps ' || c.has_gaps || ', dead ' || c.has_dead
    || ', conflicts ' || c.has_conflicts || '; counted are ' || e.gaps
    || ' parked or accepted windows, ' || e.dead || ' dead letters, '
    || e.conflicts || ' conflicts'
FROM coverage c, (
    SELECT
        (SELECT COUNT(*) FROM windows w JOIN vendors v ON v.id = w.vendor
            WHERE w.state <> 1 AND w.state <> 0 AND w.state <> 4
                AND v.is_retired = 0) AS gaps,
        (SELECT COUNT(*) FROM dead_letters
            WHERE state = 'open' AND kind = 'dead') AS dead,
        (SELECT COUNT(*) FROM dead_letters
            WHERE state = 'open' AND kind = 'conflict') AS conflicts
) AS e
WHERE (c.has_gaps = 1) <> (e.gaps > 0) OR (c.has_dead = 1) <> (e.dead > 0)
    OR (c.has_conflicts = 1) <> (e.conflicts > 0)
