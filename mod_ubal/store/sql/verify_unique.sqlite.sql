SELECT 'vendor ' || vendor || ' has transaction ' || id || ' '
    || COUNT(*) || ' times'
FROM transactions GROUP BY vendor, id HAVING COUNT(*) > 1
ORDER BY vendor, id LIMIT 1
