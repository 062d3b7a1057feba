INSERT INTO windows
SELECT * FROM json_populate_recordset(NULL::windows, CAST(%s AS JSON))
