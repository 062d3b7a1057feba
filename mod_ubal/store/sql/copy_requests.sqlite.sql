SELECT json_object(
    'id', id, 'account', account, 'boot', boot, 'started', started,
    'ended', ended, 'vendor', vendor, 'window_id', window_id, 'page', page,
    'at', at, 'status', status, 'ms', ms, 'fault', fault, 'seen', seen,
    'new', new, 'duplicate', duplicate, 'dead', dead, 'conflict', conflict,
    'ignored', ignored)
FROM requests ORDER BY id
