SELECT id, state FROM windows
WHERE state <> 1 AND ((state = 0 AND failures > 0) OR state = 2 OR state = 3)
ORDER BY vendor, begins_at
