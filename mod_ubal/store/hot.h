/* The statements that run once a row, when many rows are stored: where the
 * database is SQLite they go to it past apr_dbd, whose copies and mutexes cost
 * more than the work. Knows SQLite's statements, no table. Only the daemon
 * links it, as db_open.c. */
#ifndef UBAL_STORE_HOT_H
#define UBAL_STORE_HOT_H

#include "store/db.h"

typedef struct ubal_hot_t ubal_hot_t;

/* Finds or makes what belongs to the connection; it goes with db->pool. */
ubal_hot_t *ubal_hot_of(ubal_db_t *db);

/* As ubal_db_run. What it allocates in `pool` is an error alone on SQLite. */
ubal_error_t *ubal_hot_run(ubal_hot_t *hot, int *rows, apr_pool_t *pool,
                           ubal_sql_e sql, ...);

/* Runs a statement that gives one row of `count` integers at most (a NULL is
 * 0); `*has_row` 0 and `values` as they were where it gives none. */
ubal_error_t *ubal_hot_read(ubal_hot_t *hot, int *has_row, apr_int64_t *values,
                            int count, apr_pool_t *pool, ubal_sql_e sql, ...);

#endif
