-- The first border that lies within a second, of the windows that end after
-- an instant.
SELECT MIN(begins_at) FROM windows
WHERE vendor = %lld AND ends_at > %lld AND begins_at %% 1000000 <> 0
