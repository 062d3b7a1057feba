-- The times of another boot mean nothing on this one's clock.
UPDATE requests SET
    started = CASE WHEN boot = %s THEN started ELSE %lld END,
    boot = %s, ended = %lld, fault = 'lost'
WHERE ended IS NULL
