UPDATE coverage SET schema = %lld WHERE id = 1
