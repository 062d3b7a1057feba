-- Kept: it is run for every page, and takes longer to plan than to run.
-- From where on a window reaches an instant, which it ends at or holds: none
-- overlaps another. NULL where it is not done or accepted.
SELECT CASE WHEN state IN (1, 3, 4) THEN begins_at END FROM windows
WHERE vendor = %lld AND ends_at >= %lld ORDER BY ends_at LIMIT 1
