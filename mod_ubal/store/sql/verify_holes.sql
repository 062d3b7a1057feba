-- Each instant where coverage begins or a done window ends, short of as-of,
-- lies in a done window.
SELECT 'vendor ' || v.name || ': no window that is done covers '
    || p.instant || ', though as-of is ' || v.as_of
FROM (
    SELECT id AS vendor, since AS instant FROM vendors
    UNION ALL
    SELECT vendor, ends_at FROM windows WHERE state IN (1, 3, 4)
) AS p JOIN vendors v ON v.id = p.vendor
WHERE p.instant >= v.since AND p.instant < v.as_of AND NOT EXISTS (
    SELECT 1 FROM windows w
    WHERE w.vendor = p.vendor AND w.ends_at > p.instant
        AND w.begins_at <= p.instant AND w.state IN (1, 3, 4))
ORDER BY p.vendor, p.instant LIMIT 1
