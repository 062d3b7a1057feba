-- One that is done and straddles the end was read before the vendor's time was
-- there: what came until then is missing from it.
DELETE FROM windows
WHERE vendor = %lld AND ends_at > %lld AND (begins_at >= %lld OR state = 1
    OR state = 4)
RETURNING id, begins_at
