DELETE FROM windows WHERE id = %lld RETURNING vendor, begins_at
