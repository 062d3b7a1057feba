/* Rows on their way from SQLite to PostgreSQL, as JSON arrays of objects.
 * Knows no table: statements of the store's have the two halves, SQLite's
 * giving objects and PostgreSQL's taking an array of them. */
#ifndef UBAL_STORE_COPY_ROWS_H
#define UBAL_STORE_COPY_ROWS_H

#include "store/db.h"

/* A statement of SQLite's that gives row after row, without having them all
 * in memory; ends with its pool. It may have one parameter, ?1. */
typedef struct ubal_copy_rows_t ubal_copy_rows_t;

ubal_error_t *ubal_copy_rows_open(ubal_copy_rows_t **rows, ubal_db_t *source,
                                  ubal_sql_e sql, apr_int64_t parameter,
                                  apr_pool_t *pool);

/* Goes to the next row; `*has_row` 0 at the end. */
ubal_error_t *ubal_copy_rows_next(int *has_row, ubal_copy_rows_t *rows);

/* Text of a column, valid until the next row. */
const char *ubal_copy_rows_text(ubal_copy_rows_t *rows, int column);

/* Told of rows that have arrived. */
typedef void (*ubal_copy_rows_arrived_t)(void *baton, int count);

/* Has PostgreSQL's half of statement `sql` take what SQLite's half gives. */
ubal_error_t *ubal_copy_rows_send(ubal_db_t *source, ubal_db_t *target,
                                  ubal_sql_e sql, apr_int64_t parameter,
                                  ubal_copy_rows_arrived_t arrived,
                                  void *baton, apr_pool_t *pool);

#endif
