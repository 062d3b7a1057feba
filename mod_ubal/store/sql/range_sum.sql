-- What the windows of a range held, each within its own borders, as the
-- vendor counted it.
SELECT COUNT(*), COALESCE(SUM(own + drift), 0), COALESCE(SUM(own), 0)
FROM windows WHERE vendor = %lld AND ends_at > %lld AND ends_at <= %lld
