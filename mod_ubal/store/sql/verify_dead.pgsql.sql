SELECT 'dead letter ' || d.id || ' is open, though transaction ' || i.id
    || ' of vendor ' || i.vendor || ' is stored'
FROM dead_letters d
    JOIN ids i ON i.vendor = d.vendor AND i.id = d.item_id
WHERE d.state = 'open' AND d.kind = 'dead'
ORDER BY d.id LIMIT 1
