-- Writers wait here for one another, a new owner for the former's last commit.
SELECT value FROM ubal_meta WHERE key = 'token' FOR UPDATE
