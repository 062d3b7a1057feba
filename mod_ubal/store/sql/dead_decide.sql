UPDATE dead_letters SET state = %s WHERE id = %lld
