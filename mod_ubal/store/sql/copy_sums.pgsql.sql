INSERT INTO sums
SELECT * FROM json_populate_recordset(NULL::sums, CAST(%s AS JSON))
