-- From where on windows that are done or accepted reach an instant.
SELECT MIN(begins_at) FROM windows
WHERE vendor = %lld AND ends_at = %lld AND state IN (1, 3, 4)
