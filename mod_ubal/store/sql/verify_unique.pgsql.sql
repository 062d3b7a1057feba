-- Each transaction is where its id says, and nowhere else.
SELECT 'vendor ' || vendor || CASE
    WHEN n > 1 THEN ' has transaction ' || id || ' ' || n || ' times'
    WHEN n IS NULL THEN ' has no transaction ' || id || ', whose id is known'
    WHEN i_user IS NULL THEN ' has transaction ' || id
        || ', its id is not known'
    ELSE ' has transaction ' || id || ', its id is known elsewhere' END
FROM (
    SELECT vendor, id, COUNT(*) AS n, MIN(user_id) AS t_user,
        MIN(created_at) AS t_at
    FROM transactions GROUP BY vendor, id
) AS t FULL JOIN (
    SELECT vendor, id, user_id AS i_user, created_at AS i_at FROM ids
) AS i USING (vendor, id)
WHERE n IS NULL OR n <> 1 OR i_user IS NULL OR i_user <> t_user
    OR i_at <> t_at
ORDER BY vendor, id LIMIT 1
