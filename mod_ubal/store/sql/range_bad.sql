-- The end of the latest window whose count cannot be compared with a total.
SELECT MAX(ends_at) FROM windows
WHERE vendor = %lld AND ends_at <= %lld AND ends_at > %lld
    AND (state <> 1 OR own < 0)
