-- PostgreSQL's alone: "ubal", and the schema, as a database may have several:
-- where the tables are, or will be made.
SELECT CASE WHEN pg_try_advisory_lock(1969381740, hashtext(COALESCE(
    (SELECT CAST(n.nspname AS TEXT)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = to_regclass('ubal_meta')),
    CAST(current_schema() AS TEXT), ''))) THEN 1 ELSE 0 END, pg_backend_pid()
