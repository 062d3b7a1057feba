SELECT hour, own FROM import_hours
WHERE import = %lld AND hour >= %lld AND hour < %lld ORDER BY hour
