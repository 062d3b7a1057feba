-- Kept: it is run for every page, and takes longer to plan than to run.
UPDATE windows SET begins_at = %lld, ends_at = %lld, state = %lld,
    is_single = %lld, next_page = %lld, total = %lld, distinct_items = %lld,
    accepted = %lld, passes = %lld, failures = %lld,
    early = %lld, late = %lld, own = %lld, pass_total = %lld,
    pass_distinct = %lld, drift = %lld, vanished = %lld, tick = %lld
WHERE vendor = %lld AND id = %lld
