SELECT early, tick FROM windows
WHERE vendor = %lld AND ends_at > %lld ORDER BY ends_at LIMIT 1
