SELECT MIN(begins_at) FROM windows
WHERE vendor = %lld AND ends_at > %lld AND state <> 1 AND state <> 3
