SELECT COUNT(*) FROM sums WHERE user_id = %s
