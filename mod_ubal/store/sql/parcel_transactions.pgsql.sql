-- After their ids, which keep each from being stored twice.
COPY transactions (vendor, id, user_id, created_at, type, amount, commit_seq)
FROM STDIN
