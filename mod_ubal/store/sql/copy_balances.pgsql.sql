INSERT INTO balances
SELECT * FROM json_populate_recordset(NULL::balances, CAST(%s AS JSON))
