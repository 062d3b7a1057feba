INSERT INTO ubal_meta
SELECT * FROM json_populate_recordset(NULL::ubal_meta, CAST(%s AS JSON))
