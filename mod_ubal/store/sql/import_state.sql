UPDATE imports SET state = %lld WHERE id = %lld
