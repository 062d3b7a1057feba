-- The windows of the range that still wait, and how long they are.
SELECT b.id, v.name, b.begins_at, b.ends_at, b.cursor, b.state, b.at,
    (SELECT COUNT(*) FROM windows w WHERE w.vendor = b.vendor
        AND w.state <> 1 AND w.state = 0 AND w.begins_at >= b.begins_at
        AND w.begins_at < b.ends_at),
    (SELECT CAST(COALESCE(SUM(w.ends_at - w.begins_at), 0) AS BIGINT)
        FROM windows w WHERE w.vendor = b.vendor
        AND w.state <> 1 AND w.state = 0 AND w.begins_at >= b.begins_at
        AND w.begins_at < b.ends_at)
FROM backfills b JOIN vendors v ON v.id = b.vendor
ORDER BY b.id DESC LIMIT 100
