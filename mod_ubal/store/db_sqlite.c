/* Statements of SQLite's own: apr_dbd's copies and process-wide mutex would
 * cost more than the work, and its statements do not outlive an ANALYZE.
 * Knows SQLite's statements, no table and no file. See db.h. */
#include <string.h>

#include <apr_strings.h>
#include <sqlite3.h>

#include "store/db_driver.h"
#include "store/db_fault.h"

/* How often a lock is waited for: half a second for a statement, such as while
 * a WAL is recovered after its writer was killed; a script, which may be a
 * BEGIN IMMEDIATE, waits for another writer. */
#define STATEMENT_TRIES 50
#define SCRIPT_TRIES 150

typedef struct statement_t {
    sqlite3_stmt *stmt;
    int count; /* of parameters */
    int columns;
    char is_text[UBAL_DB_ARGS_MAX];
} statement_t;

struct ubal_db_sqlite_t {
    sqlite3 *handle;
    statement_t of[UBAL_SQL_COUNT];
};

static void finalize(ubal_db_sqlite_t *own)
{
    int i;

    for (i = 0; i < UBAL_SQL_COUNT; i++) {
        sqlite3_finalize(own->of[i].stmt);
        own->of[i].stmt = NULL;
    }
}

void ubal_db_sqlite_forget(ubal_db_t *db)
{
    finalize(db->sqlite);
}

/* The statements first: SQLite would not close what has some. */
static apr_status_t end(void *data)
{
    ubal_db_sqlite_t *own = data;

    finalize(own);
    return sqlite3_close(own->handle) == SQLITE_OK ? APR_SUCCESS
                                                   : APR_EGENERAL;
}

void ubal_db_sqlite_make(ubal_db_t *db, sqlite3 *handle)
{
    db->sqlite = apr_pcalloc(db->pool, sizeof(*db->sqlite));
    db->sqlite->handle = handle;
    apr_pool_cleanup_register(db->pool, db->sqlite, end,
                              apr_pool_cleanup_null);
}

sqlite3 *ubal_db_native(const ubal_db_t *db)
{
    return db->sqlite ? db->sqlite->handle : NULL;
}

/* apr_dbd's parameters as SQLite's: %s and %lld become ?. */
static const char *with_question_marks(statement_t *statement,
                                       const char *text, apr_pool_t *pool)
{
    char *marked = apr_palloc(pool, strlen(text) + 1), *out = marked;

    while (*text) {
        if (text[0] == '%' && text[1] == '%') {
            *out++ = '%';
            text += 2;
        } else if (*text == '%' && statement->count < UBAL_DB_ARGS_MAX) {
            statement->is_text[statement->count++] = text[1] == 's';
            *out++ = '?';
            text += text[1] == 's' ? 2 : 4;
        } else {
            *out++ = *text++;
        }
    }
    *out = '\0';
    return marked;
}

/* SQLite prepares such statements anew by itself when the schema changes. */
static ubal_error_t *prepare(statement_t *statement, ubal_db_sqlite_t *own,
                             ubal_sql_e sql, apr_pool_t *pool)
{
    const char *text;
    int tries = STATEMENT_TRIES, rc;

    statement->count = 0;
    text = with_question_marks(statement, ubal_sql_text[sql].sqlite, pool);
    do {
        rc = sqlite3_prepare_v3(own->handle, text, -1,
                                SQLITE_PREPARE_PERSISTENT, &statement->stmt,
                                NULL);
    } while (ubal_db_may_wait(own->handle, rc, &tries));
    if (rc != SQLITE_OK) {
        return ubal_db_fault(own->handle, ubal_sql_text[sql].name, pool);
    }
    return NULL;
}

static int bind_all(const statement_t *statement, va_list args)
{
    int i, rc = SQLITE_OK;

    for (i = 0; i < statement->count && rc == SQLITE_OK; i++) {
        const void *value = va_arg(args, const void *);

        if (!value) {
            rc = sqlite3_bind_null(statement->stmt, i + 1);
        } else if (statement->is_text[i]) {
            rc = sqlite3_bind_text(statement->stmt, i + 1, value, -1,
                                   SQLITE_STATIC);
        } else {
            rc = sqlite3_bind_int64(statement->stmt, i + 1,
                                    *(const apr_int64_t *)value);
        }
    }
    return rc;
}

/* Binds and steps once: SQLITE_ROW, SQLITE_DONE, or an error. */
static int begin(const statement_t *statement, sqlite3 *handle, va_list args)
{
    int tries = STATEMENT_TRIES, rc = bind_all(statement, args);

    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = sqlite3_step(statement->stmt);
    while (ubal_db_may_wait(handle, rc, &tries)) {
        sqlite3_reset(statement->stmt);
        rc = sqlite3_step(statement->stmt);
    }
    return rc;
}

/* Ends what `rc` was the last step of, and with it the snapshot. What writes
 * is first stepped to its end. */
static ubal_error_t *finish(const statement_t *statement, sqlite3 *handle,
                            int rc, ubal_sql_e sql, apr_pool_t *pool)
{
    ubal_error_t *err = NULL;

    while (rc == SQLITE_ROW && !sqlite3_stmt_readonly(statement->stmt)) {
        rc = sqlite3_step(statement->stmt);
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        err = ubal_db_fault(handle, ubal_sql_text[sql].name, pool);
    }
    sqlite3_reset(statement->stmt);
    return err;
}

/* Finds the statement, prepares it where needed, and takes its first step. */
static ubal_error_t *execute(statement_t **found, int *rc, ubal_db_t *db,
                             ubal_sql_e sql, va_list args, apr_pool_t *pool)
{
    ubal_db_sqlite_t *own = db->sqlite;
    statement_t *statement = *found = &own->of[sql];
    ubal_error_t *err = NULL;

    if (!statement->stmt) {
        err = prepare(statement, own, sql, pool);
    }
    if (!err) {
        *rc = begin(statement, own->handle, args);
    }
    return err;
}

ubal_error_t *ubal_db_sqlite_run(ubal_db_t *db, int *rows, apr_pool_t *pool,
                                 ubal_sql_e sql, va_list args)
{
    statement_t *statement;
    int rc = SQLITE_OK;
    ubal_error_t *err = execute(&statement, &rc, db, sql, args, pool);

    if (!err) {
        err = finish(statement, db->sqlite->handle, rc, sql, pool);
    }
    if (rows) {
        *rows = err ? 0 : sqlite3_changes(db->sqlite->handle);
    }
    return err;
}

ubal_error_t *ubal_db_sqlite_read(ubal_db_t *db, int *has_row,
                                  apr_int64_t *values, int count,
                                  apr_pool_t *pool, ubal_sql_e sql,
                                  va_list args)
{
    statement_t *statement;
    int i, rc = SQLITE_OK;
    ubal_error_t *err = execute(&statement, &rc, db, sql, args, pool);

    *has_row = 0;
    if (err) {
        return err;
    }
    for (i = 0; rc == SQLITE_ROW && i < count; i++) {
        values[i] = sqlite3_column_int64(statement->stmt, i);
    }
    *has_row = rc == SQLITE_ROW;
    return finish(statement, db->sqlite->handle, rc, sql, pool);
}

/* SQLite counts whenever it finds, at the begin of a transaction, that another
 * has committed since its last, and its own commits. */
apr_uint64_t ubal_db_state(const ubal_db_t *db)
{
    unsigned int version;

    return db->sqlite && !db->is_in_transaction &&
                   sqlite3_file_control(db->sqlite->handle, "main",
                                        SQLITE_FCNTL_DATA_VERSION,
                                        &version) == SQLITE_OK
               ? (apr_uint64_t)version + 1
               : 0;
}

static void take_cell(ubal_cell_t *cell, sqlite3_stmt *stmt, int column,
                      apr_pool_t *pool)
{
    const char *text;

    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_NULL:
        cell->kind = UBAL_CELL_NULL;
        break;
    case SQLITE_INTEGER:
        cell->kind = UBAL_CELL_INT;
        cell->number = sqlite3_column_int64(stmt, column);
        break;
    default:
        cell->kind = UBAL_CELL_TEXT;
        text = (const char *)sqlite3_column_text(stmt, column);
        cell->text =
            apr_pstrmemdup(pool, text ? text : "",
                           (apr_size_t)sqlite3_column_bytes(stmt, column));
    }
}

/* Makes room for one row more. */
static ubal_cell_t *add_row(ubal_rows_t *rows, int *room)
{
    size_t width = (size_t)rows->columns * sizeof(ubal_cell_t);
    ubal_cell_t *cells;

    if (rows->count == *room) {
        *room = *room ? 2 * *room : 1;
        cells = apr_palloc(rows->pool, (size_t)*room * width);
        if (rows->count) {
            memcpy(cells, rows->cells, (size_t)rows->count * width);
        }
        rows->cells = cells;
    }
    return rows->cells + (size_t)rows->count++ * (size_t)rows->columns;
}

/* At most `most` rows (0: all), all at once: no snapshot is held while they
 * are looked at, nor does a caller meet what it writes meanwhile. */
ubal_error_t *ubal_db_sqlite_select(ubal_rows_t *rows, int most,
                                    ubal_sql_e sql, va_list args)
{
    ubal_db_t *db = (ubal_db_t *)rows->db;
    statement_t *statement;
    ubal_cell_t *cells;
    int i, room = 0, rc = SQLITE_OK;
    ubal_error_t *err = execute(&statement, &rc, db, sql, args, rows->pool);

    if (err) {
        return err;
    }
    rows->columns = sqlite3_column_count(statement->stmt);
    while (rc == SQLITE_ROW) {
        cells = add_row(rows, &room);
        for (i = 0; i < rows->columns; i++) {
            take_cell(&cells[i], statement->stmt, i, rows->pool);
        }
        if (most && rows->count == most) {
            break;
        }
        rc = sqlite3_step(statement->stmt);
    }
    return finish(statement, db->sqlite->handle, rc, sql, rows->pool);
}

/* One statement of a script; `*rest` is what follows it. SQLite says that of
 * one that it could not prepare, too. */
static int run_next(sqlite3 *handle, const char **rest)
{
    const char *text = *rest;
    sqlite3_stmt *stmt = NULL;
    int tries = SCRIPT_TRIES, rc, ended;

    do {
        rc = sqlite3_prepare_v2(handle, text, -1, &stmt, rest);
    } while (ubal_db_may_wait(handle, rc, &tries));
    if (rc != SQLITE_OK || !stmt) {
        return rc;
    }
    do {
        rc = sqlite3_step(stmt);
        if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED) {
            sqlite3_reset(stmt);
        }
    } while (rc == SQLITE_ROW || ubal_db_may_wait(handle, rc, &tries));
    ended = sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? ended : rc;
}

ubal_error_t *ubal_db_sqlite_script(ubal_db_t *db, const char *script,
                                    apr_pool_t *pool)
{
    sqlite3 *handle = db->sqlite->handle;
    const char *rest = script;
    int rc = SQLITE_OK;

    while (*rest && rc == SQLITE_OK) {
        rc = run_next(handle, &rest);
    }
    return rc == SQLITE_OK
               ? NULL
               : ubal_db_fault(
                     handle, apr_pstrndup(pool, script, strcspn(script, "(;")),
                     pool);
}
