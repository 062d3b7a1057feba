SELECT 1 FROM transactions WHERE vendor = %lld LIMIT 1
