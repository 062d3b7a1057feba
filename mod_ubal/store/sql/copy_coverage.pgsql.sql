INSERT INTO coverage
SELECT * FROM json_populate_recordset(NULL::coverage, CAST(%s AS JSON))
