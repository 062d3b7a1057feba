SELECT r.account FROM requests r, vendors v
WHERE v.name = %s AND r.vendor = v.id AND r.account <> ''
ORDER BY r.id DESC LIMIT 1
