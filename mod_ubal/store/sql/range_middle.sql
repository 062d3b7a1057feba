-- The border nearest to half of what the windows of a range held; an empty
-- window weighs something too.
SELECT COALESCE(MIN(CASE WHEN 2 * below >= %lld THEN ends_at END),
    MAX(ends_at))
FROM (
    SELECT ends_at, SUM(own + 1) OVER (ORDER BY ends_at) AS below FROM windows
    WHERE vendor = %lld AND ends_at > %lld AND ends_at <= %lld
) AS running
WHERE ends_at < %lld
