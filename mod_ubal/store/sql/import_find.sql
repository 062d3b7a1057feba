SELECT id, request, first_seq, position, line, digest, seen, new, duplicate,
    dead, conflict
FROM imports
WHERE vendor = %lld AND head = %s AND size = %lld AND begins_at = %lld
    AND ends_at = %lld AND state = 0
ORDER BY id DESC LIMIT 1
