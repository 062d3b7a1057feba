-- Keeps a new owner from taking over before this transaction ends.
SELECT value FROM ubal_meta WHERE key = 'token' FOR SHARE
