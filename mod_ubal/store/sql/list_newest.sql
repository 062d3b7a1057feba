SELECT created_at, vendor, id, type, amount FROM transactions
WHERE user_id = %s AND (created_at, vendor, id) < (%lld, %lld, %s)
    AND created_at >= %lld AND type BETWEEN %lld AND %lld
    AND commit_seq <= %lld
ORDER BY created_at DESC, vendor DESC, id DESC LIMIT %lld
