SELECT 'windows ' || id || ' and ' || next_id || ' of vendor ' || vendor
    || ' overlap'
FROM (
    SELECT id, vendor, ends_at,
        LEAD(begins_at) OVER (PARTITION BY vendor ORDER BY begins_at, id)
            AS next_begins_at,
        LEAD(id) OVER (PARTITION BY vendor ORDER BY begins_at, id) AS next_id
    FROM windows
) AS pairs
WHERE ends_at > next_begins_at
ORDER BY id LIMIT 1
