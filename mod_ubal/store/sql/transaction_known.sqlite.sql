SELECT 1 FROM transactions WHERE vendor = %lld AND id = %s
