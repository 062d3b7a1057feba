SELECT id FROM dead_letters
WHERE state = 'open' AND kind = 'dead' AND vendor = %lld LIMIT 1
