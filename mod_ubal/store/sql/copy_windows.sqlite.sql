SELECT json_object(
    'id', id, 'vendor', vendor, 'begins_at', begins_at, 'ends_at', ends_at,
    'state', state, 'is_single', is_single, 'next_page', next_page,
    'total', total, 'distinct_items', distinct_items, 'accepted', accepted,
    'passes', passes, 'failures', failures, 'tick', tick, 'early', early,
    'late', late, 'own', own, 'pass_total', pass_total,
    'pass_distinct', pass_distinct, 'drift', drift, 'vanished', vanished)
FROM windows ORDER BY id
