UPDATE vendors SET as_of = %lld WHERE id = %lld
