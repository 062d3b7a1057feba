SELECT begins_at, ends_at, state, failures FROM windows
WHERE id = %lld AND (state = 0 OR state = 2 OR state = 3)
