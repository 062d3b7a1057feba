SELECT json_object(
    'first_seq', first_seq, 'token', token)
FROM owners ORDER BY first_seq
