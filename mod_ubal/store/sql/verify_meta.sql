SELECT e.place || ' has ' || e.name || ' '
    || COALESCE(CAST(e.found AS TEXT), 'none') || ', it must be '
    || e.expected
FROM (
    SELECT 1 AS turn, 'ubal_meta' AS place, 'scale' AS name,
        (SELECT value FROM ubal_meta WHERE key = 'scale') AS found,
        CAST(%lld AS TEXT) AS expected
        -- none until the first owner says so, who stores amounts after that
        WHERE EXISTS (SELECT 1 FROM ubal_meta WHERE key = 'token')
            OR EXISTS (SELECT 1 FROM transactions)
    UNION ALL
    SELECT 2, 'ubal_meta', 'schema',
        (SELECT value FROM ubal_meta WHERE key = 'schema'),
        CAST(%lld AS TEXT)
    UNION ALL
    SELECT 3, 'coverage', 'scale',
        (SELECT CAST(scale AS TEXT) FROM coverage WHERE id = 1 LIMIT 1),
        CAST(%lld AS TEXT)
        WHERE EXISTS (SELECT 1 FROM ubal_meta WHERE key = 'token')
            OR EXISTS (SELECT 1 FROM transactions)
    UNION ALL
    SELECT 4, 'coverage', 'schema',
        (SELECT CAST(schema AS TEXT) FROM coverage WHERE id = 1 LIMIT 1),
        CAST(%lld AS TEXT)
) AS e
WHERE e.found IS NULL OR e.found <> e.expected
ORDER BY e.turn LIMIT 1
