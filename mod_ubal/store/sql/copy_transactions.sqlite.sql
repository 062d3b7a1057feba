-- Those of the commits after one; all of them, where that is 0.
SELECT json_object('vendor', vendor, 'id', id, 'user_id', user_id,
    'created_at', created_at, 'type', type, 'amount', amount,
    'commit_seq', commit_seq)
FROM transactions WHERE commit_seq > ?1
ORDER BY user_id, created_at, vendor, id
