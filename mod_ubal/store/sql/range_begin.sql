SELECT MIN(begins_at) FROM windows
WHERE vendor = %lld AND ends_at > %lld AND ends_at <= %lld
    AND begins_at >= %lld
