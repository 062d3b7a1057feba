/* Statements through apr_dbd, for PostgreSQL. Knows that driver's manners, no
 * table. See db.h. */
#include <string.h>

#include <apr_strings.h>

#include "core/digest.h"
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
    db->kept[sql].name = NULL;
}

void ubal_db_dbd_forget(ubal_db_t *db)
{
    int i;

    for (i = 0; i < UBAL_SQL_COUNT; i++) {
        forget(db, (ubal_sql_e)i);
    }
}

/* A name for a statement on the server, another one each time: by its text,
 * too, so that no name ever stands for another statement. */
static const char *make_name(ubal_db_t *db, const ubal_sql_text_t *text,
                             apr_pool_t *pool)
{
    apr_uint64_t digest[2];

    ubal_digest_make(digest, text->pgsql, strlen(text->pgsql));
    return apr_psprintf(pool, "ubal_%s_%016" APR_UINT64_T_HEX_FMT "_%d",
                        text->name, digest[0], db->names++);
}

/* Prepares into a pool of the statement's own: what fails, or is outdated,
 * leaves nothing behind that would add up. Without a name, that is not on the
 * server, so that it outlives its restart. */
static int prepare(call_t *call, int is_kept)
{
    ubal_db_t *db = call->db;
    const ubal_sql_text_t *text = &ubal_sql_text[call->sql];
    apr_pool_t **own = &db->prepared_pool[call->sql];
    apr_dbd_prepared_t **statement = &db->prepared[call->sql];
    const char *name = NULL;
    int code;

    forget(db, call->sql);
    if (apr_pool_create(own, db->pool) != APR_SUCCESS) {
        *own = NULL;
        return -1;
    }
    if (is_kept) {
        name = make_name(db, text, *own);
    }
    code = apr_dbd_prepare(db->driver, *own, db->handle, text->pgsql, name,
                           statement);
    if (code) {
        *statement = NULL;
    } else {
        db->kept[call->sql].name = name;
        db->kept[call->sql].uses = 0;
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

/* After so many uses a statement is kept anew: its plan is of tables as they
 * were, which grow. */
#define USES 250

static void renew(call_t *call)
{
    ubal_db_t *db = call->db;
    int rows;

    apr_dbd_query(db->driver, db->handle, &rows,
                  apr_pstrcat(call->pool, "DEALLOCATE ",
                              db->kept[call->sql].name, NULL));
    forget(db, call->sql);
}

/* Whether the server is to keep the statement, which it then parses and plans
 * once. What is known of a session is lost with it: the driver connects anew
 * by itself. */
static int is_to_be_kept(call_t *call)
{
    ubal_db_t *db = call->db;

    if (!ubal_sql_text[call->sql].is_kept ||
        (db->is_in_transaction && !db->is_writer)) {
        return 0;
    }
    if (ubal_db_pgsql_is_new(db)) {
        ubal_db_dbd_forget(db);
        ubal_db_pgsql_look(db, call->pool);
    }
    if (db->kept[call->sql].name && db->kept[call->sql].uses++ == USES) {
        renew(call);
    }
    return db->keeps_names;
}

/* Once, in UTF-8; `is_kept`: under a name, where it is prepared here. */
static ubal_error_t *attempt_in_utf8(call_t *call, int is_kept)
{
    ubal_db_t *db = call->db;
    ubal_error_t *err =
        db->is_in_transaction ? NULL : ubal_db_pgsql_speak(db, call->pool);
    int code;

    if (err) {
        return err;
    }
    code = db->prepared[call->sql] ? 0 : prepare(call, is_kept);
    if (!code) {
        code = attempt(call);
        if (code && is_kept && !db->is_writer) {
            db->keeps_names = 0;
        }
    }
    return code ? last_error(db, ubal_sql_text[call->sql].name, code,
                             call->pool)
                : NULL;
}

/* Outside of a transaction, a reader's statement that failed is prepared and
 * tried once more, on a connection that was checked and may be another. Where
 * one that was kept has failed, none is in this session any more: whatever it
 * was, the server may not have it, or have outdated it. A writer's transaction
 * is made again as a whole, and the statement with it. */
static ubal_error_t *execute(call_t *call)
{
    ubal_db_t *db = call->db;
    ubal_error_t *err = attempt_in_utf8(call, is_to_be_kept(call));

    if (err && !db->is_in_transaction && !db->is_writer) {
        apr_dbd_check_conn(db->driver, call->pool, db->handle);
        forget(db, call->sql);
        err = attempt_in_utf8(call, 0);
    }
    if (err && ubal_sql_text[call->sql].is_kept) {
        /* what failed for want of a table is to be kept when that is there */
        forget(db, call->sql);
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
