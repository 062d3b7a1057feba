/* Transactions as plain statements: apr_dbd's own hide a rollback. Knows what
 * the two databases call them. See db.h. */
#include "store/db.h"

static ubal_error_t *begin(ubal_db_t *db, const char *sqlite,
                           const char *pgsql, apr_pool_t *pool)
{
    ubal_error_t *err = ubal_db_script(
        db, db->dialect == UBAL_DIALECT_PGSQL ? pgsql : sqlite, pool);

    db->is_in_transaction = !err;
    return err;
}

/* On PostgreSQL all writers wait for the row of the owner's token before
 * anything else, so that they run one after another; and each statement has to
 * see what the one before has committed: READ COMMITTED. A snapshot of the
 * whole transaction would be taken before that row is locked, and show what
 * was there before the other's commit. */
ubal_error_t *ubal_db_begin(ubal_db_t *db, apr_pool_t *pool)
{
    return begin(db, "BEGIN IMMEDIATE",
                 "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE;"
                 "SET LOCAL synchronous_commit = on;"
                 "SET LOCAL lock_timeout = '2s'",
                 pool);
}

ubal_error_t *ubal_db_begin_read(ubal_db_t *db, apr_pool_t *pool)
{
    return begin(db, "BEGIN",
                 "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", pool);
}

ubal_error_t *ubal_db_commit(ubal_db_t *db, apr_pool_t *pool)
{
    ubal_error_t *err = ubal_db_script(db, "COMMIT", pool);

    if (!err) {
        db->is_in_transaction = 0;
    }
    return err;
}

void ubal_db_rollback(ubal_db_t *db, apr_pool_t *pool)
{
    /* fails where the database has rolled back by itself: as well */
    ubal_db_script(db, "ROLLBACK", pool);
    db->is_in_transaction = 0;
}
