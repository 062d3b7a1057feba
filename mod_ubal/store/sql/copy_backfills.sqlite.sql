SELECT json_object(
    'id', id, 'vendor', vendor, 'begins_at', begins_at, 'ends_at', ends_at,
    'cursor', cursor, 'state', state, 'at', at)
FROM backfills ORDER BY id
