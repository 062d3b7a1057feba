SELECT id, account, boot, started, ended, vendor, window_id, page, at
FROM requests WHERE account = %s ORDER BY id DESC LIMIT %lld
