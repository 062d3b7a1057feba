/* Checkpoints of SQLite's write-ahead log. See checkpoint.h. */
#include "store/checkpoint.h"

#include <apr_strings.h>
#include <apr_time.h>
#include <sqlite3.h>

#include "store/linger.h"

static const char key_of_log[] = "ubal_log";

typedef struct wal_t {
    sqlite3 *handle;
    apr_int64_t page_size;
    int written; /* pages in the log, as of the last commit */
    int moved;   /* how many of them are in the database, too */
    int broken;  /* what SQLite said when the disk failed it; 0 */
} wal_t;

static wal_t *find(const ubal_db_t *db)
{
    void *known = NULL;

    apr_pool_userdata_get(&known, key_of_log, db->pool);
    return known;
}

static apr_int64_t bytes(const wal_t *wal, int pages)
{
    return pages * (wal->page_size + 24); /* a frame's header */
}

static int move(int *written, int *moved, const wal_t *wal)
{
    return sqlite3_wal_checkpoint_v2(
        wal->handle, "main", SQLITE_CHECKPOINT_PASSIVE, written, moved);
}

/* 0, or what went wrong. A log that is in use by a reader is no error. What
 * the disk has failed to sync is not tried again: it could seem to work the
 * second time, and the log would go that has it. A busy child's hold on the
 * log is over in a moment. */
static int checkpoint(wal_t *wal)
{
    int written = 0, moved = 0, rc;

    if (wal->broken) {
        return wal->broken;
    }
    rc = move(&written, &moved, wal);
    if ((rc == SQLITE_OK || rc == SQLITE_BUSY) && moved < written) {
        apr_sleep(APR_TIME_C(2) * UBAL_LINGER_HOLD);
        rc = move(&written, &moved, wal);
    }
    if (rc == SQLITE_OK || rc == SQLITE_BUSY) {
        wal->written = written > 0 ? written : 0;
        wal->moved = moved > 0 ? moved : 0;
        return SQLITE_OK;
    }
    if ((rc & 0xff) == SQLITE_IOERR) {
        wal->broken = rc;
    }
    return rc;
}

/* After each commit, with how many pages are in the log. Where it can have
 * begun anew, none counts as moved. */
static int on_commit(void *data, sqlite3 *handle, const char *name, int pages)
{
    wal_t *wal = data;

    (void)handle;
    (void)name;
    if (pages < wal->written || wal->moved == wal->written) {
        wal->moved = 0;
    }
    wal->written = pages;
    if (bytes(wal, pages - wal->moved) > UBAL_CHECKPOINT_MOST) {
        checkpoint(wal);
    }
    return SQLITE_OK;
}

static ubal_error_t *fault(const wal_t *wal, const char *doing,
                           apr_pool_t *pool)
{
    return ubal_error_make(UBAL_ERR_DB, pool, "%s: %s", doing,
                           sqlite3_errmsg(wal->handle));
}

/* The number that a PRAGMA answers. */
static ubal_error_t *ask(apr_int64_t *value, const wal_t *wal,
                         const char *pragma, apr_pool_t *pool)
{
    sqlite3_stmt *stmt;

    if (sqlite3_prepare_v2(wal->handle, pragma, -1, &stmt, NULL)) {
        return fault(wal, pragma, pool);
    }
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        *value = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    return NULL;
}

ubal_error_t *ubal_checkpoint_set_up(ubal_db_t *db, apr_pool_t *pool)
{
    wal_t *wal = find(db);
    apr_int64_t limit;
    ubal_error_t *err = NULL;

    if (db->dialect != UBAL_DIALECT_SQLITE) {
        return NULL;
    }
    if (!wal) {
        wal = apr_pcalloc(db->pool, sizeof(*wal));
        wal->handle = ubal_db_native(db);
        apr_pool_userdata_setn(wal, key_of_log, NULL, db->pool);
        err = ask(&wal->page_size, wal, "PRAGMA page_size", pool);
    }
    if (!err) {
        err = ask(&limit, wal,
                  apr_psprintf(pool,
                               "PRAGMA journal_size_limit=%" APR_INT64_T_FMT,
                               UBAL_CHECKPOINT_MOST),
                  pool);
    }
    if (!err) { /* in place of SQLite's own, which is such a hook */
        sqlite3_wal_hook(wal->handle, on_commit, wal);
    }
    return err;
}

apr_int64_t ubal_checkpoint_waiting(const ubal_db_t *db)
{
    const wal_t *wal = find(db);

    return wal ? bytes(wal, wal->written - wal->moved) : 0;
}

ubal_error_t *ubal_checkpoint_run(ubal_db_t *db, apr_pool_t *pool)
{
    wal_t *wal = find(db);
    ubal_error_t *err = ubal_db_is_there(db, pool);
    int rc = wal && !err ? checkpoint(wal) : SQLITE_OK;

    return err  ? err
           : rc ? ubal_error_make(UBAL_ERR_DB, pool, "checkpoint: %s",
                                  sqlite3_errstr(rc))
                : NULL;
}
