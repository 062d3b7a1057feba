-- Both keys have the id, and mean the same.
INSERT INTO transactions (vendor, id, user_id, created_at, type, amount,
    commit_seq)
VALUES (%lld, %s, %s, %lld, %lld, %lld, %lld)
ON CONFLICT DO NOTHING
