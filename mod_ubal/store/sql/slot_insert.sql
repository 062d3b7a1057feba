INSERT INTO requests (account, boot, started, vendor, window_id, page, at)
VALUES (%s, %s, %lld, %lld, %lld, %lld, %lld)
RETURNING id
