-- SQLite's writers hold the whole database already.
SELECT value, (SELECT MAX(id) FROM requests) FROM ubal_meta
WHERE key = 'token'
