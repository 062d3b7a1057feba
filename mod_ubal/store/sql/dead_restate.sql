-- What is wrong with it by today's settings.
UPDATE dead_letters SET kind = %s, reason = %s WHERE id = %lld
