DELETE FROM pass_keys WHERE window_id = %lld
