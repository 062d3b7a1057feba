INSERT INTO import_hours
SELECT * FROM json_populate_recordset(NULL::import_hours, CAST(%s AS JSON))
