-- Numbers the commit that this transaction will be.
UPDATE coverage SET commit_seq = commit_seq + 1 WHERE id = 1
RETURNING commit_seq
