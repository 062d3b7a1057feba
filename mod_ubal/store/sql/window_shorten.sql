UPDATE windows SET ends_at = %lld, accepted = -1, next_page = 1, total = -1,
    distinct_items = 0
WHERE vendor = %lld AND ends_at > %lld
RETURNING id, ends_at
