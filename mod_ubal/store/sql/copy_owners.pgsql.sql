INSERT INTO owners
SELECT * FROM json_populate_recordset(NULL::owners, CAST(%s AS JSON))
