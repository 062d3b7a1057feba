-- Another vendor with transactions, fetched from with an account.
SELECT v.name FROM vendors v
WHERE v.id <> %lld AND (v.largest_page > 0 OR EXISTS (
    SELECT 1 FROM ids i WHERE i.vendor = v.id)) AND EXISTS (
    SELECT 1 FROM requests r WHERE r.account = %s AND r.vendor = v.id)
ORDER BY v.id LIMIT 1
