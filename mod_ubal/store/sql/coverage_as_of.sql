SELECT as_of FROM coverage WHERE id = 1
