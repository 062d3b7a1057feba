SELECT json_object(
    'window_id', window_id, 'key', key)
FROM pass_keys ORDER BY window_id, key
