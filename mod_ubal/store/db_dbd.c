/* Statements through apr_dbd, for PostgreSQL. Knows that driver's manners, no
 * table. See db.h. */
#include <string.h>

#include <apr_strings.h>

#include "store/db_driver.h"
#include "store/db_pgsql.h"

/* One execution of a statement: `results` is NULL for one without rows. */
typedef struct call_t {
    ubal_db_t *db;
    ubal_sql_e sql;
    const void *args[UBAL_DB_ARGS_MAX];
    int rows;
    apr_dbd_results_t **results;
    apr_pool_t *pool;
} call_t;

/* The last error of `what`: at once, or another call changes its text. */
static ubal_error_t *last_error(const ubal_db_t *db, const char *what,
                                int code, apr_pool_t *pool)
{
    const char *text = apr_dbd_error(db->driver, db->handle, code);

    return ubal_db_pgsql_error(what, text ? text : "no reason given", pool);
}

/* Takes as many arguments as the statement has parameters. */
static void take_args(call_t *call, va_list args)
{
    const char *p = ubal_sql_text[call->sql].pgsql;
    int count = 0;

    for (; *p; p++) {
        if (p[0] == '%' && p[1] == '%') {
            p++;
        } else if (p[0] == '%' && count < UBAL_DB_ARGS_MAX) {
            call->args[count++] = va_arg(args, const void *);
        }
    }
}

static void forget(ubal_db_t *db, ubal_sql_e sql)
{
    if (db->prepared_pool[sql]) {
        apr_pool_destroy(db->prepared_pool[sql]);
    }
    db->prepared_pool[sql] = NULL;
    db->prepared[sql] = NULL;
}

void ubal_db_dbd_forget(ubal_db_t *db)
{
    int i;

    for (i = 0; i < UBAL_SQL_COUNT; i++) {
        forget(db, (ubal_sql_e)i);
    }
}

/* Prepares into a pool of the statement's own: what fails, or is outdated,
 * leaves nothing behind that would add up. Without a label, that is not on the
 * server, so that it outlives its restart. */
static int prepare(call_t *call)
{
    ubal_db_t *db = call->db;
    apr_pool_t **own = &db->prepared_pool[call->sql];
    apr_dbd_prepared_t **statement = &db->prepared[call->sql];
    int code;

    forget(db, call->sql);
    if (apr_pool_create(own, db->pool) != APR_SUCCESS) {
        *own = NULL;
        return -1;
    }
    code = apr_dbd_prepare(db->driver, *own, db->handle,
                           ubal_sql_text[call->sql].pgsql, NULL, statement);
    if (code) {
        *statement = NULL;
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
    /* without random access a lost statement is taken for an empty result */
    return apr_dbd_pbselect(db->driver, call->pool, db->handle, call->results,
                            statement, 1, call->args);
}

static ubal_error_t *attempt_in_utf8(call_t *call)
{
    ubal_db_t *db = call->db;
    ubal_error_t *err =
        db->is_in_transaction ? NULL : ubal_db_pgsql_speak(db, call->pool);
    int code;

    if (err) {
        return err;
    }
    code = db->prepared[call->sql] ? 0 : prepare(call);
    if (!code) {
        code = attempt(call);
    }
    return code ? last_error(db, ubal_sql_text[call->sql].name, code,
                             call->pool)
                : NULL;
}

/* Outside of a transaction, a reader's statement that failed is prepared and
 * tried once more, on a connection that was checked and may be another. */
static ubal_error_t *execute(call_t *call)
{
    ubal_db_t *db = call->db;
    ubal_error_t *err = attempt_in_utf8(call);

    if (err && !db->is_in_transaction && !db->is_writer) {
        apr_dbd_check_conn(db->driver, call->pool, db->handle);
        forget(db, call->sql);
        err = attempt_in_utf8(call);
    }
    return err;
}

ubal_error_t *ubal_db_dbd_run(ubal_db_t *db, int *rows, apr_pool_t *pool,
                              ubal_sql_e sql, va_list args)
{
    call_t call = {.db = db, .sql = sql, .pool = pool};
    ubal_error_t *err;

    take_args(&call, args);
    err = execute(&call);
    if (rows) {
        *rows = err ? 0 : call.rows;
    }
    return err;
}

ubal_error_t *ubal_db_dbd_select(ubal_rows_t *rows, ubal_sql_e sql,
                                 va_list args)
{
    call_t call = {.db = (ubal_db_t *)rows->db,
                   .sql = sql,
                   .results = &rows->results,
                   .pool = rows->pool};

    take_args(&call, args);
    return execute(&call);
}

ubal_error_t *ubal_db_dbd_script(ubal_db_t *db, const char *script,
                                 apr_pool_t *pool)
{
    int rows, code;
    ubal_error_t *err =
        db->is_in_transaction ? NULL : ubal_db_pgsql_speak(db, pool);

    if (err) {
        return err;
    }
    code = apr_dbd_query(db->driver, db->handle, &rows, script);
    if (!code) {
        return NULL;
    }
    return last_error(db, apr_pstrndup(pool, script, strcspn(script, "(;")),
                      code, pool);
}
