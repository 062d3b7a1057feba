UPDATE windows SET begins_at = %lld, ends_at = %lld, state = %lld,
    is_single = %lld, next_page = %lld, total = %lld, distinct_items = %lld,
    accepted = %lld, passes = %lld, failures = %lld
WHERE vendor = %lld AND id = %lld
