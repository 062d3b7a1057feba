INSERT INTO imports
SELECT * FROM json_populate_recordset(NULL::imports, CAST(%s AS JSON))
