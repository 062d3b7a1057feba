UPDATE vendors SET is_coarse = 1 WHERE id = %lld
