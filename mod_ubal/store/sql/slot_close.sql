UPDATE requests SET ended = %lld, status = %lld, ms = %lld, fault = %s,
    seen = %lld, new = %lld, duplicate = %lld, dead = %lld, conflict = %lld,
    ignored = %lld
WHERE id = %lld AND ended IS NULL
