SELECT json_object(
    'id', id, 'name', name, 'since', since, 'as_of', as_of,
    'largest_page', largest_page, 'is_retired', is_retired,
    'is_coarse', is_coarse, 'page_size', page_size)
FROM vendors ORDER BY id
