/* What SQLite's result codes mean: in an operator's words, and whether to try
 * again. Knows no statement. For store/db*.c alone. */
#ifndef UBAL_STORE_DB_FAULT_H
#define UBAL_STORE_DB_FAULT_H

#include <sqlite3.h>

#include "core/error.h"

/* The error of the last call on `handle`, of statement or script `what`:
 * UBAL_ERR_NO_SCHEMA where a table or column is missing, else UBAL_ERR_DB. */
ubal_error_t *ubal_db_fault(sqlite3 *handle, const char *what,
                            apr_pool_t *pool);

/* Whether a call that gave `rc` is to be made again: after a pause of 10 ms
 * where a lock was in the way, and of `*tries` one is left. A snapshot that is
 * too old to write stays so. */
int ubal_db_may_wait(sqlite3 *handle, int rc, int *tries);

#endif
