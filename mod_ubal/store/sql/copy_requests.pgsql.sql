INSERT INTO requests
SELECT * FROM json_populate_recordset(NULL::requests, CAST(%s AS JSON))
