SELECT late FROM windows WHERE vendor = %lld AND ends_at = %lld LIMIT 1
