UPDATE vendors SET is_retired = 1 WHERE id = %lld
