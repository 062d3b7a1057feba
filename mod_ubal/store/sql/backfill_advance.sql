UPDATE backfills SET cursor = %lld WHERE id = %lld AND state = 0
