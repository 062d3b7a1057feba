-- What was superseded and comes again is in conflict with what is stored now.
INSERT INTO dead_letters (vendor, item_id, key, digest, kind, reason, raw,
    request, at, state)
VALUES (%lld, %s, %s, %s, %s, %s, %s, %lld, %lld, 'open')
ON CONFLICT (vendor, key, digest) DO UPDATE SET state = 'open',
    kind = excluded.kind, reason = excluded.reason, request = excluded.request,
    at = excluded.at
WHERE dead_letters.state = 'superseded' AND excluded.kind = 'conflict'
