-- Reads a window again that is done; it stays covered.
UPDATE windows SET state = 4, next_page = 1, total = -1, distinct_items = 0,
    passes = 0, failures = 0, pass_total = -1, pass_distinct = -1
WHERE vendor = %lld AND ends_at = %lld AND state = 1
RETURNING id, begins_at, ends_at, state, is_single, next_page, total,
    distinct_items, accepted, passes, failures, early, late, own, pass_total,
    pass_distinct, drift, vanished, tick
