SELECT 1 FROM ids WHERE vendor = %lld AND id = %s
