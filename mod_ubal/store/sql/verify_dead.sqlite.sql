SELECT 'dead letter ' || d.id || ' is open, though transaction ' || t.id
    || ' of vendor ' || t.vendor || ' is stored'
FROM dead_letters d
    JOIN transactions t ON t.vendor = d.vendor AND t.id = d.item_id
WHERE d.state = 'open' AND d.kind = 'dead'
ORDER BY d.id LIMIT 1
