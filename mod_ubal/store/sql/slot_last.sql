SELECT MAX(id) FROM requests
