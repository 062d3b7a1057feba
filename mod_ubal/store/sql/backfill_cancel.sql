UPDATE backfills SET state = 2 WHERE vendor = %lld AND state = 0
