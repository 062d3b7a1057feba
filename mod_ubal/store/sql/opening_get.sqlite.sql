SELECT amount FROM transactions WHERE vendor = %lld AND id = %s
