-- What is true of a list, before its rows: the last parameter is the commit
-- up to which they are read, owned by whoever began at or before it.
SELECT c.schema, c.scale, c.since, c.as_of, c.has_backfill, c.has_gaps,
    c.has_dead, c.has_conflicts, c.commit_seq,
    (SELECT b.n FROM balances b WHERE b.user_id = %s),
    (SELECT o.token FROM owners o WHERE o.first_seq <= %lld
        ORDER BY o.first_seq DESC LIMIT 1)
FROM coverage c WHERE c.id = 1
