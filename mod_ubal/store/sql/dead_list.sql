SELECT d.id, v.name, d.vendor, d.item_id, d.key, d.kind, d.reason, d.raw,
    d.at, d.state
FROM dead_letters d JOIN vendors v ON v.id = d.vendor
WHERE d.state = 'open' AND d.id > %lld ORDER BY d.id LIMIT %lld
