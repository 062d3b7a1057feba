SELECT 'coverage says since ' || c.since || ', as-of ' || c.as_of
    || '; the vendors say since ' || e.since || ', as-of ' || e.as_of
FROM coverage c, (
    SELECT MAX(since) AS since, MIN(as_of) AS as_of FROM vendors
    WHERE is_retired = 0
) AS e
WHERE c.since <> e.since OR c.as_of <> e.as_of
