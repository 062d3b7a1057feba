INSERT INTO vendors (name) VALUES (%s)
ON CONFLICT (name) DO UPDATE SET is_retired = 0
RETURNING id, since, as_of, largest_page, is_coarse, page_size
