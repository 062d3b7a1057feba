-- Kept: it is run for every page, and takes longer to plan than to run.
INSERT INTO windows (vendor, begins_at, ends_at, state, is_single, next_page,
    total, distinct_items, accepted, passes, failures, early, late, own,
    pass_total, pass_distinct, drift, vanished, tick)
VALUES (%lld, %lld, %lld, %lld, %lld, %lld, %lld, %lld, %lld, %lld, %lld,
    %lld, %lld, %lld, %lld, %lld, %lld, %lld, %lld)
RETURNING id
