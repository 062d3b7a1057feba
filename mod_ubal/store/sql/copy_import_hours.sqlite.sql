SELECT json_object(
    'import', import, 'hour', hour, 'own', own)
FROM import_hours ORDER BY import, hour
