INSERT INTO vendors
SELECT * FROM json_populate_recordset(NULL::vendors, CAST(%s AS JSON))
