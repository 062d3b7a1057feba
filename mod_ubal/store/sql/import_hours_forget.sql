DELETE FROM import_hours WHERE import = %lld
