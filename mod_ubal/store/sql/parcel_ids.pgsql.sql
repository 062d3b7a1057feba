-- One that is there already is an error.
COPY ids (vendor, id, user_id, created_at) FROM STDIN
