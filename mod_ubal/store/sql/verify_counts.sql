SELECT 'request ' || id || ' has seen ' || seen || ' items, but ' || new
    || ' new, ' || duplicate || ' duplicate, ' || dead || ' dead, '
    || conflict || ' in conflict and ' || ignored || ' ignored'
FROM requests
WHERE seen <> new + duplicate + dead + conflict + ignored
ORDER BY id LIMIT 1
