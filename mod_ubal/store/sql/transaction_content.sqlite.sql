SELECT user_id, created_at, type, amount, commit_seq FROM transactions
WHERE vendor = %lld AND id = %s
