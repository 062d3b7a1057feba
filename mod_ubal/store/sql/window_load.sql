SELECT id, begins_at, ends_at, state, is_single, next_page, total,
    distinct_items, accepted, passes, failures, early, late, own,
    pass_total, pass_distinct, drift, vanished, tick
FROM windows
WHERE vendor = %lld AND state <> 1 AND state <> 3
ORDER BY begins_at
