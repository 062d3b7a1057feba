UPDATE requests SET seen = %lld, new = %lld, duplicate = %lld, dead = %lld,
    conflict = %lld
WHERE id = %lld
