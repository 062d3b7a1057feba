UPDATE imports SET position = %lld, line = %lld, digest = %s, seen = %lld,
    new = %lld, duplicate = %lld, dead = %lld, conflict = %lld
WHERE id = %lld
