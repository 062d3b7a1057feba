SELECT 1 FROM ids WHERE vendor = %lld LIMIT 1
