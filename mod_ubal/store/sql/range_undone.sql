SELECT COUNT(*) FROM windows
WHERE vendor = %lld AND ends_at > %lld AND ends_at <= %lld AND state <> 1
