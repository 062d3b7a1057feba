DELETE FROM windows
WHERE vendor = %lld AND ends_at > %lld AND ends_at <= %lld
    AND begins_at >= %lld AND state = 1
