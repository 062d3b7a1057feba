INSERT INTO pass_keys
SELECT * FROM json_populate_recordset(NULL::pass_keys, CAST(%s AS JSON))
