-- Kept: planned for many partitions, it takes longer to plan than to run.
SELECT COUNT(*) FROM sums WHERE user_id = %s
