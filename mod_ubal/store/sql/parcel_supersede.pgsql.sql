UPDATE dead_letters SET state = 'superseded'
WHERE state = 'open' AND kind = 'dead' AND vendor = %lld
    AND item_id = ANY (CAST(%s AS TEXT[]))
