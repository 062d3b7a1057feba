SELECT setval(pg_get_serial_sequence(name, 'id'), last)
FROM json_to_recordset(CAST(%s AS JSON)) AS numbers(name TEXT, last BIGINT)
