/* When the write-ahead log goes into the database: not within commits, as
 * SQLite would have it, but when there is time. Knows SQLite's log, no table
 * and no clock. Where the database is not SQLite nothing is to be done. Only
 * the daemon links it, as db_open.c. */
#ifndef UBAL_STORE_CHECKPOINT_H
#define UBAL_STORE_CHECKPOINT_H

#include "store/db.h"

/* Takes checkpoints out of the commits of this connection, but for one that
 * leaves more than UBAL_CHECKPOINT_MOST bytes: whoever commits much, and calls
 * none of the below, still has a log of an end. */
ubal_error_t *ubal_checkpoint_set_up(ubal_db_t *db, apr_pool_t *pool);

#define UBAL_CHECKPOINT_MOST (APR_INT64_C(64) * 1024 * 1024)

/* How many bytes commits have put into the log that no checkpoint has moved
 * to the database; 0 where it is not known. */
apr_int64_t ubal_checkpoint_waiting(const ubal_db_t *db);

/* Moves what no reader still needs in the log to the database, and disturbs
 * nobody. Where all was moved and no reader looks at the log, the next commit
 * begins it anew, and cuts its file to UBAL_CHECKPOINT_MOST where a reader
 * that took long had it grow beyond. Outside of transactions. UBAL_ERR_FENCED,
 * and nothing moved, where ubal_db_is_there() says so. */
ubal_error_t *ubal_checkpoint_run(ubal_db_t *db, apr_pool_t *pool);

#endif
