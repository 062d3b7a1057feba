SELECT 1 FROM import_hours WHERE import = %lld LIMIT 1
