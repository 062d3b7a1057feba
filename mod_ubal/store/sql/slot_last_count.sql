-- A count has no page; neither has what was only assumed, or imported.
SELECT at FROM requests
WHERE vendor = %lld AND page = 0 AND fault IS NULL AND account <> ''
ORDER BY id DESC LIMIT 1
