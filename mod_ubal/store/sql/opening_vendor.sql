-- Never one of those that are fetched from.
INSERT INTO vendors (name, since, is_retired) VALUES ('opening', %lld, 1)
ON CONFLICT (name) DO UPDATE SET is_retired = 1
RETURNING id, since
