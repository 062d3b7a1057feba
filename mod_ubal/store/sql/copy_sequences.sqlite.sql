-- Numbers that were given once are not given again.
SELECT json_object('name', name, 'last', MAX(last)) FROM (
    SELECT name, seq AS last FROM sqlite_sequence
    UNION ALL SELECT 'vendors', id FROM vendors
) AS numbers
WHERE name IN ('vendors', 'windows', 'requests', 'dead_letters', 'backfills',
    'imports') AND last > 0
GROUP BY name
