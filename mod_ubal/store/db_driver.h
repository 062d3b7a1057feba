/* What lies behind db.h: SQLite's own statements, or apr_dbd's for another
 * database. For store/db*.c alone. */
#ifndef UBAL_STORE_DB_DRIVER_H
#define UBAL_STORE_DB_DRIVER_H

#include <stdarg.h>

#include "store/db.h"

/* The most parameters that a statement has. */
#define UBAL_DB_ARGS_MAX 24

/* One column of a row of SQLite's. */
typedef struct ubal_cell_t {
    enum {
        UBAL_CELL_NULL,
        UBAL_CELL_INT,
        UBAL_CELL_TEXT
    } kind;
    apr_int64_t number;
    const char *text;
} ubal_cell_t;

struct ubal_rows_t {
    const ubal_db_t *db;
    apr_pool_t *pool;
    int at;    /* of SQLite's rows, which all are read: the current one */
    int count; /* of these */
    int columns;
    ubal_cell_t *cells;
    apr_dbd_results_t *results; /* apr_dbd's */
    apr_dbd_row_t *row;
    int is_ended;
};

/* The error of statement or script `what`: a table that is missing is told
 * from other trouble by the driver's text alone. */
ubal_error_t *ubal_db_error(const char *what, const char *text,
                            apr_pool_t *pool);

/* Connects to the SQLite file at `path`, whichever is there, and remembers
 * which it is; `flags` are sqlite3_open_v2()'s. Closed with `owner`. */
ubal_error_t *ubal_db_connect_file(ubal_db_t **db, const char *path, int flags,
                                   apr_pool_t *owner, apr_pool_t *pool);
ubal_file_t ubal_db_file_of(const char *path);

/* Takes a first look, which maps the -shm, and remembers which one that is:
 * where it is removed or replaced, so is the database, if not yet, or else
 * what others commit would not be seen. */
ubal_error_t *ubal_db_know_index(ubal_db_t *db, apr_pool_t *pool);

/* SQLite's; db.h says what each does. `make` takes the handle over, which is
 * closed with db->pool. */
void ubal_db_sqlite_make(ubal_db_t *db, struct sqlite3 *handle);
void ubal_db_sqlite_forget(ubal_db_t *db);
ubal_error_t *ubal_db_sqlite_run(ubal_db_t *db, int *rows, apr_pool_t *pool,
                                 ubal_sql_e sql, va_list args);
ubal_error_t *ubal_db_sqlite_read(ubal_db_t *db, int *has_row,
                                  apr_int64_t *values, int count,
                                  apr_pool_t *pool, ubal_sql_e sql,
                                  va_list args);
ubal_error_t *ubal_db_sqlite_select(ubal_rows_t *rows, int most,
                                    ubal_sql_e sql, va_list args);
ubal_error_t *ubal_db_sqlite_script(ubal_db_t *db, const char *script,
                                    apr_pool_t *pool);

/* Through apr_dbd. */
void ubal_db_dbd_forget(ubal_db_t *db);
ubal_error_t *ubal_db_dbd_run(ubal_db_t *db, int *rows, apr_pool_t *pool,
                              ubal_sql_e sql, va_list args);
ubal_error_t *ubal_db_dbd_select(ubal_rows_t *rows, ubal_sql_e sql,
                                 va_list args);
ubal_error_t *ubal_db_dbd_script(ubal_db_t *db, const char *script,
                                 apr_pool_t *pool);

#endif
