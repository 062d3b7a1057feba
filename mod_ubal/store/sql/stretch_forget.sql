DELETE FROM sums WHERE user_id = %s
