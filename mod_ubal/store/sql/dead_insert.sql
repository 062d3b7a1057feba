INSERT INTO dead_letters (vendor, item_id, key, digest, kind, reason, raw,
    request, at, state)
VALUES (%lld, %s, %s, %s, %s, %s, %s, %lld, %lld, 'open')
ON CONFLICT (vendor, key, digest) DO NOTHING
