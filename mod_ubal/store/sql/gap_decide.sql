UPDATE windows SET state = %lld, failures = %lld, passes = 0, next_page = 1,
    total = -1, distinct_items = 0, early = 0, late = 0, own = -1
WHERE id = %lld
