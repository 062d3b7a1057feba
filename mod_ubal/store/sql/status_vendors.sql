SELECT v.name, v.since, v.as_of, v.is_retired,
    (SELECT COUNT(*) FROM windows w
        WHERE w.vendor = v.id AND w.state <> 1 AND w.state = 0),
    (SELECT COUNT(*) FROM windows w
        WHERE w.vendor = v.id AND w.state <> 1 AND w.state = 2),
    -- rows of no account stand for what came without a request
    (SELECT COUNT(*) FROM requests r
        WHERE r.vendor = v.id AND r.account <> ''),
    (SELECT COUNT(*) FROM requests r
        WHERE r.vendor = v.id AND r.fault IS NOT NULL),
    (SELECT r.at FROM requests r WHERE r.vendor = v.id AND r.account <> ''
        ORDER BY r.id DESC LIMIT 1),
    (SELECT r.fault FROM requests r
        WHERE r.vendor = v.id AND r.ended IS NOT NULL AND r.account <> ''
        ORDER BY r.id DESC LIMIT 1),
    (SELECT COUNT(*) FROM dead_letters d WHERE d.state = 'open'
        AND d.kind = 'dead' AND d.vendor = v.id),
    (SELECT COUNT(*) FROM dead_letters d WHERE d.state = 'open'
        AND d.kind = 'conflict' AND d.vendor = v.id)
FROM vendors v ORDER BY v.name
