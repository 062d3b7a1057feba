/* Advisory locks. See host_lock.h. */
#include "store/host_lock.h"

#include "store/db_pgsql.h"

ubal_error_t *ubal_host_lock_set_up(ubal_db_t *db, apr_pool_t *pool)
{
    apr_int64_t count;
    int has_row;

    return db->dialect == UBAL_DIALECT_PGSQL
               ? ubal_db_read(db, &has_row, &count, 1, pool,
                              UBAL_SQL_HOST_LOCK_SET_UP)
               : NULL;
}

/* A pooler tells a client of a process that is none of the server's. */
static ubal_error_t *check_session(const ubal_db_t *db, apr_int64_t process,
                                   apr_pool_t *pool)
{
    apr_int64_t told = ubal_db_pgsql_process(db);

    return !told || told == process
               ? NULL
               : ubal_error_make(
                     UBAL_ERR_CONFIG, pool,
                     "the connection goes through a pooler, such as "
                     "pgbouncer: ubal-ingest needs a session of its own; "
                     "write UbalIngestDB pgsql with the host and port of the "
                     "server itself");
}

ubal_error_t *ubal_host_lock_try(int *is_ours, ubal_db_t *db, apr_pool_t *pool)
{
    apr_int64_t answer[2] = {0, 0};
    int has_row;
    ubal_error_t *err;

    *is_ours = 1;
    if (db->dialect != UBAL_DIALECT_PGSQL) {
        return NULL;
    }
    err = ubal_db_read(db, &has_row, answer, 2, pool, UBAL_SQL_HOST_LOCK_TRY);
    if (!err) {
        err = check_session(db, answer[1], pool);
    }
    *is_ours = !err && answer[0] != 0;
    return err;
}
