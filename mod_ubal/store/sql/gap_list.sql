-- Not only an index is read, as drift has none: for people, now and then.
SELECT w.id, v.name, w.begins_at, w.ends_at, w.state, w.failures, w.passes,
    w.accepted, w.drift, w.vanished,
    (SELECT r.fault FROM requests r
        WHERE r.vendor = w.vendor AND r.fault IS NOT NULL
            AND r.window_id = w.id ORDER BY r.id DESC LIMIT 1)
FROM windows w JOIN vendors v ON v.id = w.vendor
WHERE v.is_retired = 0 AND ((w.state = 0 AND w.failures > 0) OR w.state > 1
    OR w.drift <> 0 OR w.vanished <> 0)
ORDER BY w.begins_at, w.id
