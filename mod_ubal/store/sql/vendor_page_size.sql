UPDATE vendors SET page_size = %lld WHERE id = %lld
