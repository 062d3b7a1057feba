SELECT commit_seq, as_of, schema, scale FROM coverage WHERE id = 1
