SELECT 'the requests brought ' || r.n || ' new transactions, stored are '
    || t.n
FROM (SELECT COALESCE(SUM(new), 0) AS n FROM requests) AS r,
    (SELECT COUNT(*) AS n FROM transactions) AS t
WHERE r.n <> t.n
