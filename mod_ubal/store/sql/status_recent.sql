SELECT SUM(new), MIN(at) FROM requests WHERE id > %lld AND account <> ''
