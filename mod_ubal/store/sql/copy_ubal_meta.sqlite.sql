-- Who writes to the copy, its own daemon says.
SELECT json_object('key', key, 'value', value)
FROM ubal_meta WHERE key NOT IN ('owner_host', 'owner_pid') ORDER BY key
