-- Of the transactions that an earlier copy did not have.
INSERT INTO ids (vendor, id, user_id, created_at)
SELECT vendor, id, user_id, created_at FROM transactions
WHERE commit_seq > %lld
