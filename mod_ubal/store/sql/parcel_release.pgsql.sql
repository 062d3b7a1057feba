-- Of items that came to be none.
DELETE FROM ids WHERE vendor = %lld AND id = ANY (CAST(%s AS TEXT[]))
