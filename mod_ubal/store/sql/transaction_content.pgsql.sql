-- The id says where its transaction lies.
SELECT t.user_id, t.created_at, t.type, t.amount, t.commit_seq
FROM ids i JOIN transactions t ON t.user_id = i.user_id
    AND t.created_at = i.created_at AND t.vendor = i.vendor AND t.id = i.id
WHERE i.vendor = %lld AND i.id = %s
