SELECT 'as-of of vendor ' || v.name || ' passes window ' || w.id
    || ', which is not done'
FROM vendors v JOIN windows w ON w.vendor = v.id
WHERE w.state <> 1 AND w.state <> 3 AND w.state <> 4 AND w.begins_at < v.as_of
    AND w.ends_at > v.since
ORDER BY w.id LIMIT 1
