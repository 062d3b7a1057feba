/* SQLite's result codes. See db_fault.h. */
#include "store/db_fault.h"

#include <apr_time.h>

#include "store/db_driver.h"

/* us */
#define PAUSE 10000

/* What an operator may have to know beside SQLite's own words. */
static const struct {
    int code;
    const char *sentence;
} advice[] = {
    {SQLITE_CORRUPT, "the file is damaged: restore a backup"},
    {SQLITE_NOTADB, "another file is in its place, or it is damaged: restore "
                    "a backup"},
    {SQLITE_BUSY, "another process holds a lock on it"},
    {SQLITE_IOERR, "its disk or file system fails"},
    {SQLITE_FULL, "its disk needs room"},
    {SQLITE_CANTOPEN, "the file, its -wal or its -shm is missing or closed to "
                      "this user"},
};

ubal_error_t *ubal_db_fault(sqlite3 *handle, const char *what,
                            apr_pool_t *pool)
{
    const char *text = sqlite3_errmsg(handle);
    int code = sqlite3_errcode(handle) & 0xff;
    size_t i;

    for (i = 0; i < sizeof(advice) / sizeof(advice[0]); i++) {
        if (advice[i].code == code) {
            return ubal_error_make(UBAL_ERR_DB, pool, "%s: %s: %s", what, text,
                                   advice[i].sentence);
        }
    }
    return ubal_db_error(what, text, pool);
}

int ubal_db_may_wait(sqlite3 *handle, int rc, int *tries)
{
    if (((rc & 0xff) != SQLITE_BUSY && (rc & 0xff) != SQLITE_LOCKED) ||
        sqlite3_extended_errcode(handle) == SQLITE_BUSY_SNAPSHOT ||
        --*tries < 0) {
        return 0;
    }
    apr_sleep(PAUSE);
    return 1;
}
