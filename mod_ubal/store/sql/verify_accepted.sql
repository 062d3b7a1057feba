-- A window is read from one tick before it begins, and each of its requests
-- may bring what another brought: what they saw is at least the total.
SELECT 'window ' || w.id || ' was done with a total of ' || w.accepted
    || ', but its requests have seen ' || COALESCE(r.seen, 0)
FROM windows w LEFT JOIN (
    SELECT window_id, SUM(seen) AS seen FROM requests GROUP BY window_id
) AS r ON r.window_id = w.id
WHERE w.state = 1 AND w.accepted > COALESCE(r.seen, 0)
ORDER BY w.id LIMIT 1
