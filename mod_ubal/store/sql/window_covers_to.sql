-- Where coverage that reaches an instant goes on to.
SELECT MAX(ends_at) FROM windows
WHERE vendor = %lld AND ends_at > %lld AND begins_at <= %lld
    AND (state = 1 OR state = 3)
