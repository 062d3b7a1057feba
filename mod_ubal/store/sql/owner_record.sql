-- Commits from the next on are the new owner's; an owner without any goes.
INSERT INTO owners (first_seq, token)
SELECT commit_seq + 1, %s FROM coverage WHERE id = 1
ON CONFLICT (first_seq) DO UPDATE SET token = excluded.token
