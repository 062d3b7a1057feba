-- The last request before an instant that is not long ago: from the last one
-- backwards.
SELECT id FROM requests WHERE at < %lld ORDER BY id DESC LIMIT 1
