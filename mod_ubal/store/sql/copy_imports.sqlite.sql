SELECT json_object(
    'id', id, 'vendor', vendor, 'name', name, 'size', size, 'head', head,
    'begins_at', begins_at, 'ends_at', ends_at, 'request', request,
    'first_seq', first_seq, 'at', at, 'position', position, 'line', line,
    'digest', digest, 'seen', seen, 'new', new, 'duplicate', duplicate,
    'dead', dead, 'conflict', conflict, 'state', state)
FROM imports ORDER BY id
