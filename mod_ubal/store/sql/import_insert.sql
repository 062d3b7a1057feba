INSERT INTO imports (vendor, name, size, head, begins_at, ends_at, request,
    first_seq, at)
SELECT %lld, %s, %lld, %s, %lld, %lld, %lld, commit_seq + 1, %lld
FROM coverage WHERE id = 1
RETURNING id, first_seq
