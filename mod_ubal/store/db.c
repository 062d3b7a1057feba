/* Statements over apr_dbd. Knows the drivers' manners, no
 * table and no file. See db.h. */
#include "store/db.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_time.h>

/* The most parameters that a statement has. */
#define ARGS_MAX 24

/* A schema that is locked is waited for so often, so long (us). */
#define LOCKED_TRIES 50
#define LOCKED_PAUSE 10000

static const char key_of_db[] = "ubal_db";

struct ubal_rows_t {
    const ubal_db_t *db;
    apr_pool_t *pool;
    apr_dbd_results_t *results;
    apr_dbd_row_t *row;
    int is_ended;
};

/* One execution of a statement: `results` is NULL for one without rows. */
typedef struct call_t {
    ubal_db_t *db;
    ubal_sql_e sql;
    const void *args[ARGS_MAX];
    int rows;
    apr_dbd_results_t **results;
    apr_pool_t *pool;
} call_t;

ubal_error_t *ubal_db_wrap(ubal_db_t **db, const apr_dbd_driver_t *driver,
                           apr_dbd_t *handle, apr_pool_t *pool)
{
    const char *name = apr_dbd_name(driver);
    void *known = NULL;

    if (!apr_pool_userdata_get(&known, key_of_db, pool) && known) {
        *db = known;
        return NULL;
    }
    *db = apr_pcalloc(pool, sizeof(**db));
    if (!strcmp(name, "pgsql")) {
        (*db)->dialect = UBAL_DIALECT_PGSQL;
    } else if (strcmp(name, "sqlite3")) {
        return ubal_error_make(UBAL_ERR_CONFIG, pool,
                               "the database driver %s is neither sqlite3 "
                               "nor pgsql",
                               name);
    }
    (*db)->driver = driver;
    (*db)->handle = handle;
    (*db)->pool = pool;
    apr_pool_userdata_setn(*db, key_of_db, NULL, pool);
    return NULL;
}

/* The driver's text for the last error: at once, or another call changes it.
 * PostgreSQL's ends with a newline, and can have more lines. */
static const char *error_text(const ubal_db_t *db, int code, apr_pool_t *pool)
{
    const char *text = apr_dbd_error(db->driver, db->handle, code);
    char *copy = apr_pstrdup(pool, text ? text : "no reason given");
    apr_size_t length;

    for (length = 0; copy[length]; length++) {
        if (apr_iscntrl(copy[length])) {
            copy[length] = ' ';
        }
    }
    while (length && copy[length - 1] == ' ') {
        copy[--length] = '\0';
    }
    return copy;
}

static int is_missing_table(const char *text)
{
    return strstr(text, "no such table") || strstr(text, "no such column") ||
           strstr(text, "has no column named") ||
           strstr(text, "does not exist");
}

static ubal_error_t *error_of(const char *what, const char *text,
                              apr_pool_t *pool)
{
    return ubal_error_make(is_missing_table(text) ? UBAL_ERR_NO_SCHEMA
                                                  : UBAL_ERR_DB,
                           pool, "%s: %s", what, text);
}

static const char *text_of(const ubal_db_t *db, ubal_sql_e sql)
{
    return db->dialect == UBAL_DIALECT_PGSQL ? ubal_sql_text[sql].pgsql
                                             : ubal_sql_text[sql].sqlite;
}

/* Takes as many arguments as the statement has parameters. */
static void take_args(call_t *call, va_list args)
{
    const char *p = text_of(call->db, call->sql);
    int count = 0;

    for (; *p; p++) {
        if (p[0] == '%' && p[1] == '%') {
            p++;
        } else if (p[0] == '%' && count < ARGS_MAX) {
            call->args[count++] = va_arg(args, const void *);
        }
    }
}

void ubal_db_forget(ubal_db_t *db)
{
    int i;

    for (i = 0; i < UBAL_SQL_COUNT; i++) {
        if (db->prepared_pool[i]) {
            apr_pool_destroy(db->prepared_pool[i]);
        }
        db->prepared_pool[i] = NULL;
        db->prepared[i] = NULL;
    }
}

/* Prepares into a pool of the statement's own: what fails, or is outdated,
 * leaves nothing behind that would add up. On PostgreSQL without a label,
 * that is not on the server, so that it outlives its restart. */
static int prepare(call_t *call)
{
    ubal_db_t *db = call->db;
    apr_pool_t **own = &db->prepared_pool[call->sql];
    apr_dbd_prepared_t **statement = &db->prepared[call->sql];
    int code;

    if (*own) {
        apr_pool_destroy(*own);
        *own = NULL;
        *statement = NULL;
    }
    if (apr_pool_create(own, db->pool) != APR_SUCCESS) {
        *own = NULL;
        return -1;
    }
    code = apr_dbd_prepare(db->driver, *own, db->handle,
                           text_of(db, call->sql), NULL, statement);
    if (code) {
        *statement = NULL;
    }
    return code;
}

/* While a WAL is recovered after its writer was killed, SQLite lets nobody
 * read the schema. The driver waits for a lock when it executes, but not when
 * it prepares. */
static int prepare_patiently(call_t *call)
{
    int tries = 0, code = prepare(call);

    while (code && tries++ < LOCKED_TRIES &&
           strstr(error_text(call->db, code, call->pool), "locked")) {
        apr_sleep(LOCKED_PAUSE);
        code = prepare(call);
    }
    return code;
}

static int attempt(call_t *call)
{
    ubal_db_t *db = call->db;
    apr_dbd_prepared_t *statement = db->prepared[call->sql];

    if (!call->results) {
        return apr_dbd_pbquery(db->driver, call->pool, db->handle, &call->rows,
                               statement, call->args);
    }
    *call->results = NULL;
    /* without random access, PostgreSQL's driver takes a lost statement for
     * an empty result */
    return apr_dbd_pbselect(db->driver, call->pool, db->handle, call->results,
                            statement, db->dialect == UBAL_DIALECT_PGSQL,
                            call->args);
}

/* Whether a statement that failed may be prepared and tried again: always
 * outside of a transaction, but not after waiting for a lock; inside, where
 * SQLite says that it did not begin. */
static int may_retry(const ubal_db_t *db, const char *text)
{
    if (db->is_in_transaction) {
        return strstr(text, "schema has changed") != NULL;
    }
    return !strstr(text, "locked");
}

static ubal_error_t *execute(call_t *call)
{
    ubal_db_t *db = call->db;
    int code = db->prepared[call->sql] ? 0 : prepare_patiently(call);
    const char *text;

    if (!code) {
        code = attempt(call);
    }
    if (!code) {
        return NULL;
    }
    text = error_text(db, code, call->pool);
    if (may_retry(db, text)) {
        if (db->dialect == UBAL_DIALECT_PGSQL) {
            apr_dbd_check_conn(db->driver, call->pool, db->handle);
        }
        code = prepare(call);
        if (!code) {
            code = attempt(call);
        }
        if (!code) {
            return NULL;
        }
        text = error_text(db, code, call->pool);
    }
    return error_of(ubal_sql_text[call->sql].name, text, call->pool);
}

ubal_error_t *ubal_db_run(ubal_db_t *db, int *rows, apr_pool_t *pool,
                          ubal_sql_e sql, ...)
{
    call_t call = {.db = db, .sql = sql, .pool = pool};
    ubal_error_t *err;
    va_list args;

    va_start(args, sql);
    take_args(&call, args);
    va_end(args);
    err = execute(&call);
    if (rows) {
        *rows = err ? 0 : call.rows;
    }
    return err;
}

static ubal_error_t *select_rows(ubal_rows_t **rows, ubal_db_t *db,
                                 apr_pool_t *pool, ubal_sql_e sql,
                                 va_list args)
{
    call_t call = {.db = db, .sql = sql, .pool = pool};

    *rows = apr_pcalloc(pool, sizeof(**rows));
    (*rows)->db = db;
    (*rows)->pool = pool;
    call.results = &(*rows)->results;
    take_args(&call, args);
    return execute(&call);
}

ubal_error_t *ubal_db_select(ubal_rows_t **rows, ubal_db_t *db,
                             apr_pool_t *pool, ubal_sql_e sql, ...)
{
    ubal_error_t *err;
    va_list args;

    va_start(args, sql);
    err = select_rows(rows, db, pool, sql, args);
    va_end(args);
    return err;
}

ubal_error_t *ubal_db_first(ubal_rows_t **rows, int *has_row, ubal_db_t *db,
                            apr_pool_t *pool, ubal_sql_e sql, ...)
{
    ubal_error_t *err;
    va_list args;

    va_start(args, sql);
    err = select_rows(rows, db, pool, sql, args);
    va_end(args);
    *has_row = 0;
    return err ? err : ubal_rows_next(*rows, has_row);
}

ubal_error_t *ubal_rows_next(ubal_rows_t *rows, int *has_row)
{
    /* beyond its end, PostgreSQL's driver would begin again */
    if (!rows->is_ended) {
        rows->is_ended = apr_dbd_get_row(rows->db->driver, rows->pool,
                                         rows->results, &rows->row, -1) != 0;
    }
    *has_row = !rows->is_ended;
    return NULL;
}

apr_int64_t ubal_rows_int(ubal_rows_t *rows, int column, apr_int64_t fallback)
{
    apr_int64_t value;

    return apr_dbd_datum_get(rows->db->driver, rows->row, column,
                             APR_DBD_TYPE_LONGLONG, &value) == APR_SUCCESS
               ? value
               : fallback;
}

const char *ubal_rows_text(ubal_rows_t *rows, int column)
{
    char *text = NULL;

    if (apr_dbd_datum_get(rows->db->driver, rows->row, column,
                          APR_DBD_TYPE_STRING, &text) != APR_SUCCESS) {
        return NULL;
    }
    /* PostgreSQL's driver frees a result at its end */
    return rows->db->dialect == UBAL_DIALECT_PGSQL
               ? apr_pstrdup(rows->pool, text)
               : text;
}

ubal_error_t *ubal_db_script(ubal_db_t *db, const char *script,
                             apr_pool_t *pool)
{
    int rows;
    int code = apr_dbd_query(db->driver, db->handle, &rows, script);

    if (!code) {
        return NULL;
    }
    return error_of(apr_pstrndup(pool, script, strcspn(script, "(;")),
                    error_text(db, code, pool), pool);
}
