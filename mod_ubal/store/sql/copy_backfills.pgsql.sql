INSERT INTO backfills
SELECT * FROM json_populate_recordset(NULL::backfills, CAST(%s AS JSON))
