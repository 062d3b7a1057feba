INSERT INTO dead_letters
SELECT * FROM json_populate_recordset(NULL::dead_letters, CAST(%s AS JSON))
