-- Kept: it is run for every page, and takes longer to plan than to run.
-- A window that is stored with its first page has no id before.
UPDATE requests SET ended = %lld, status = %lld, ms = %lld, fault = %s,
    window_id = CASE WHEN window_id = 0 THEN %lld ELSE window_id END,
    seen = %lld, new = %lld, duplicate = %lld, dead = %lld, conflict = %lld,
    ignored = %lld
WHERE id = %lld AND ended IS NULL
