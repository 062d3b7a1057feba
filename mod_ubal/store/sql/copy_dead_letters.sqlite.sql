SELECT json_object(
    'id', id, 'vendor', vendor, 'item_id', item_id, 'key', key,
    'digest', digest, 'kind', kind, 'reason', reason, 'raw', raw,
    'request', request, 'at', at, 'state', state)
FROM dead_letters ORDER BY id
