-- How far the windows from an instant on go that together hold about a page.
SELECT MIN(CASE WHEN below >= %lld THEN ends_at END), MAX(ends_at),
    MIN(begins_at)
FROM (
    SELECT begins_at, ends_at, SUM(own) OVER (ORDER BY ends_at) AS below FROM windows
    WHERE vendor = %lld AND ends_at > %lld AND ends_at <= %lld
        AND begins_at >= %lld
) AS running
