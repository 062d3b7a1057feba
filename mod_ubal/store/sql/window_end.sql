SELECT MAX(ends_at) FROM windows WHERE vendor = %lld
