-- In the order of their key, which is how an index is filled best.
SELECT json_object('vendor', vendor, 'id', id, 'user_id', user_id,
    'created_at', created_at)
FROM transactions ORDER BY vendor, id
