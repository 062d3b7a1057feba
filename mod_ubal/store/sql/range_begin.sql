-- A window that lies across the bound belongs to the range.
SELECT MIN(begins_at) FROM windows
WHERE vendor = %lld AND ends_at > %lld AND ends_at <= %lld
