-- PostgreSQL's alone: "ubal", and the schema, as a database may have several.
SELECT CASE WHEN pg_try_advisory_lock(1969381740,
    hashtext(current_schema())) THEN 1 ELSE 0 END, pg_backend_pid()
