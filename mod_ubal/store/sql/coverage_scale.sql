UPDATE coverage SET scale = %lld WHERE id = 1
