SELECT value FROM ubal_meta WHERE key = %s
