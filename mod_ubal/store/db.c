/* Statements by name, to whichever database the connection leads. Knows what
 * both have in common, no table and no file. See db.h. */
#include "store/db.h"

#include <string.h>

#include <apr_strings.h>

#include "store/db_driver.h"
#include "store/db_pgsql.h"

static const char key_of_db[] = "ubal_db";

ubal_error_t *ubal_db_wrap(ubal_db_t **db, const apr_dbd_driver_t *driver,
                           apr_dbd_t *handle, apr_pool_t *pool)
{
    const char *name = apr_dbd_name(driver);
    void *known = NULL;

    if (!apr_pool_userdata_get(&known, key_of_db, pool) && known) {
        *db = known;
        return NULL;
    }
    if (strcmp(name, "pgsql") != 0) {
        return ubal_error_make(UBAL_ERR_CONFIG, pool,
                               "the database driver %s is neither sqlite3 "
                               "nor pgsql",
                               name);
    }
    *db = apr_pcalloc(pool, sizeof(**db));
    (*db)->dialect = UBAL_DIALECT_PGSQL;
    (*db)->driver = driver;
    (*db)->handle = handle;
    (*db)->pool = pool;
    ubal_db_pgsql_set_up(*db);
    apr_pool_userdata_setn(*db, key_of_db, NULL, pool);
    return NULL;
}

static int is_missing_table(const char *text)
{
    return strstr(text, "no such table") || strstr(text, "no such column") ||
           strstr(text, "has no column named") ||
           strstr(text, "does not exist");
}

ubal_error_t *ubal_db_error(const char *what, const char *text,
                            apr_pool_t *pool)
{
    return ubal_error_make(is_missing_table(text) ? UBAL_ERR_NO_SCHEMA
                                                  : UBAL_ERR_DB,
                           pool, "%s: %s", what, text);
}

void ubal_db_forget(ubal_db_t *db)
{
    if (db->sqlite) {
        ubal_db_sqlite_forget(db);
    } else {
        ubal_db_dbd_forget(db);
    }
}

ubal_error_t *ubal_db_script(ubal_db_t *db, const char *script,
                             apr_pool_t *pool)
{
    return db->sqlite ? ubal_db_sqlite_script(db, script, pool)
                      : ubal_db_dbd_script(db, script, pool);
}

ubal_error_t *ubal_db_run(ubal_db_t *db, int *rows, apr_pool_t *pool,
                          ubal_sql_e sql, ...)
{
    ubal_error_t *err;
    va_list args;

    va_start(args, sql);
    err = db->sqlite ? ubal_db_sqlite_run(db, rows, pool, sql, args)
                     : ubal_db_dbd_run(db, rows, pool, sql, args);
    va_end(args);
    return err;
}

/* `most`: 0 for all rows. */
static ubal_error_t *select_rows(ubal_rows_t **rows, int most, ubal_db_t *db,
                                 apr_pool_t *pool, ubal_sql_e sql,
                                 va_list args)
{
    *rows = apr_pcalloc(pool, sizeof(**rows));
    (*rows)->db = db;
    (*rows)->pool = pool;
    (*rows)->at = -1;
    return db->sqlite ? ubal_db_sqlite_select(*rows, most, sql, args)
                      : ubal_db_dbd_select(*rows, sql, args);
}

ubal_error_t *ubal_db_select(ubal_rows_t **rows, ubal_db_t *db,
                             apr_pool_t *pool, ubal_sql_e sql, ...)
{
    ubal_error_t *err;
    va_list args;

    va_start(args, sql);
    err = select_rows(rows, 0, db, pool, sql, args);
    va_end(args);
    return err;
}

ubal_error_t *ubal_db_first(ubal_rows_t **rows, int *has_row, ubal_db_t *db,
                            apr_pool_t *pool, ubal_sql_e sql, ...)
{
    ubal_error_t *err;
    va_list args;

    va_start(args, sql);
    err = select_rows(rows, 1, db, pool, sql, args);
    va_end(args);
    *has_row = 0;
    return err ? err : ubal_rows_next(*rows, has_row);
}

ubal_error_t *ubal_db_read(ubal_db_t *db, int *has_row, apr_int64_t *values,
                           int count, apr_pool_t *pool, ubal_sql_e sql, ...)
{
    ubal_rows_t *rows;
    ubal_error_t *err;
    va_list args;
    int i;

    va_start(args, sql);
    if (db->sqlite) {
        err = ubal_db_sqlite_read(db, has_row, values, count, pool, sql, args);
        va_end(args);
        return err;
    }
    err = select_rows(&rows, 1, db, pool, sql, args);
    va_end(args);
    *has_row = 0;
    if (!err) {
        err = ubal_rows_next(rows, has_row);
    }
    for (i = 0; !err && *has_row && i < count; i++) {
        values[i] = ubal_rows_int(rows, i, 0);
    }
    return err;
}

ubal_error_t *ubal_rows_next(ubal_rows_t *rows, int *has_row)
{
    if (rows->db->sqlite) {
        *has_row = rows->at + 1 < rows->count;
        rows->at += *has_row;
        return NULL;
    }
    /* beyond its end, PostgreSQL's driver would begin again */
    if (!rows->is_ended) {
        rows->is_ended = apr_dbd_get_row(rows->db->driver, rows->pool,
                                         rows->results, &rows->row, -1) != 0;
    }
    *has_row = !rows->is_ended;
    return NULL;
}

static const ubal_cell_t *cell_of(const ubal_rows_t *rows, int column)
{
    static const ubal_cell_t none = {UBAL_CELL_NULL, 0, NULL};

    return rows->at >= 0 && column < rows->columns
               ? &rows->cells[rows->at * rows->columns + column]
               : &none;
}

apr_int64_t ubal_rows_int(ubal_rows_t *rows, int column, apr_int64_t fallback)
{
    const ubal_cell_t *cell;
    apr_int64_t value;

    if (rows->db->sqlite) {
        cell = cell_of(rows, column);
        return cell->kind == UBAL_CELL_INT    ? cell->number
               : cell->kind == UBAL_CELL_TEXT ? apr_atoi64(cell->text)
                                              : fallback;
    }
    return apr_dbd_datum_get(rows->db->driver, rows->row, column,
                             APR_DBD_TYPE_LONGLONG, &value) == APR_SUCCESS
               ? value
               : fallback;
}

const char *ubal_rows_text(ubal_rows_t *rows, int column)
{
    const ubal_cell_t *cell;
    char *text = NULL;

    if (rows->db->sqlite) {
        cell = cell_of(rows, column);
        return cell->kind == UBAL_CELL_INT
                   ? apr_psprintf(rows->pool, "%" APR_INT64_T_FMT,
                                  cell->number)
               : cell->kind == UBAL_CELL_TEXT ? cell->text
                                              : NULL;
    }
    /* the driver frees a result at its end */
    return apr_dbd_datum_get(rows->db->driver, rows->row, column,
                             APR_DBD_TYPE_STRING, &text) == APR_SUCCESS
               ? apr_pstrdup(rows->pool, text)
               : NULL;
}
