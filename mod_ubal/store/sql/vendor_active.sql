SELECT id, name, since, as_of FROM vendors WHERE is_retired = 0 ORDER BY id
