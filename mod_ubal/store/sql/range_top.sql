SELECT MAX(ends_at) FROM windows
WHERE vendor = %lld AND ends_at <= %lld AND ends_at > %lld AND state = 1
    AND own >= 0
