INSERT INTO pass_keys (window_id, key) VALUES (%lld, %s)
ON CONFLICT (window_id, key) DO NOTHING
