-- Coverage grows backwards, over windows that are done: as-of stays.
UPDATE vendors SET since = %lld WHERE id = %lld
