-- Kept: it is run for every page, and takes longer to plan than to run.
-- Writers wait here for one another, a new owner for the former's last commit.
SELECT value, (SELECT MAX(id) FROM requests) FROM ubal_meta
WHERE key = 'token' FOR UPDATE
