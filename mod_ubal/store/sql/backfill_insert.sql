INSERT INTO backfills (vendor, begins_at, ends_at, cursor, state, at)
VALUES (%lld, %lld, %lld, %lld, 0, %lld)
RETURNING id
