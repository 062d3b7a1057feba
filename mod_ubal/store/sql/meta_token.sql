-- SQLite's writers hold the whole database already.
SELECT value FROM ubal_meta WHERE key = 'token'
