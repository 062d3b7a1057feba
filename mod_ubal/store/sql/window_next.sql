SELECT begins_at, ends_at, state FROM windows
WHERE vendor = %lld AND ends_at > %lld ORDER BY ends_at LIMIT 1
