INSERT INTO import_hours (import, hour, own) VALUES (%lld, %lld, %lld)
ON CONFLICT (import, hour) DO UPDATE SET own = import_hours.own + excluded.own
