INSERT INTO ids
SELECT * FROM json_populate_recordset(NULL::ids, CAST(%s AS JSON))
