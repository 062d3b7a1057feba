SELECT since, as_of FROM vendors WHERE id = %lld
