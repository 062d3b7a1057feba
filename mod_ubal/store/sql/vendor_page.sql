UPDATE vendors SET largest_page = %lld WHERE id = %lld AND largest_page < %lld
