INSERT INTO transactions
SELECT * FROM json_populate_recordset(NULL::transactions, CAST(%s AS JSON))
