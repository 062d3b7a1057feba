SELECT json_object(
    'id', id, 'since', since, 'as_of', as_of, 'has_backfill', has_backfill,
    'has_gaps', has_gaps, 'has_dead', has_dead,
    'has_conflicts', has_conflicts, 'schema', schema, 'scale', scale,
    'commit_seq', commit_seq)
FROM coverage ORDER BY id
