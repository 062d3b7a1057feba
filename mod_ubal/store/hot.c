/* Statements past apr_dbd, for SQLite; through it for others. See hot.h. */
#include "store/hot.h"

#include <apr_strings.h>
#include <sqlite3.h>

/* The most parameters that such a statement has. */
#define ARGS_MAX 16

static const char key_of_hot[] = "ubal_hot";

typedef struct statement_t {
    sqlite3_stmt *stmt;
    int count;
    char is_text[ARGS_MAX];
} statement_t;

struct ubal_hot_t {
    ubal_db_t *db;
    sqlite3 *handle; /* NULL: another database */
    statement_t of[UBAL_SQL_COUNT];
};

/* Before the connection is closed, which would fail otherwise. */
static apr_status_t finalize(void *data)
{
    ubal_hot_t *hot = data;
    int i;

    for (i = 0; i < UBAL_SQL_COUNT; i++) {
        sqlite3_finalize(hot->of[i].stmt);
        hot->of[i].stmt = NULL;
    }
    return APR_SUCCESS;
}

ubal_hot_t *ubal_hot_of(ubal_db_t *db)
{
    ubal_hot_t *hot;
    void *known = NULL;

    if (!apr_pool_userdata_get(&known, key_of_hot, db->pool) && known) {
        return known;
    }
    hot = apr_pcalloc(db->pool, sizeof(*hot));
    hot->db = db;
    if (db->dialect == UBAL_DIALECT_SQLITE) {
        hot->handle = apr_dbd_native_handle(db->driver, db->handle);
    }
    apr_pool_userdata_setn(hot, key_of_hot, NULL, db->pool);
    apr_pool_cleanup_register(db->pool, hot, finalize, apr_pool_cleanup_null);
    return hot;
}

static ubal_error_t *fault(const ubal_hot_t *hot, ubal_sql_e sql,
                           apr_pool_t *pool)
{
    return ubal_error_make(UBAL_ERR_DB, pool, "%s: %s",
                           ubal_sql_text[sql].name,
                           sqlite3_errmsg(hot->handle));
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
        } else if (*text == '%' && statement->count < ARGS_MAX) {
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
static ubal_error_t *find(statement_t **statement, ubal_hot_t *hot,
                          ubal_sql_e sql, apr_pool_t *pool)
{
    statement_t *found = *statement = &hot->of[sql];
    const char *text;

    if (found->stmt) {
        return NULL;
    }
    found->count = 0;
    text = with_question_marks(found, ubal_sql_text[sql].sqlite, pool);
    return sqlite3_prepare_v3(hot->handle, text, -1, SQLITE_PREPARE_PERSISTENT,
                              &found->stmt, NULL) == SQLITE_OK
               ? NULL
               : fault(hot, sql, pool);
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

static void read_row(apr_int64_t *values, int count, sqlite3_stmt *stmt)
{
    int i;

    for (i = 0; i < count; i++) {
        values[i] = sqlite3_column_int64(stmt, i);
    }
}

static ubal_error_t *execute(ubal_hot_t *hot, int *has_row,
                             apr_int64_t *values, int count, apr_pool_t *pool,
                             ubal_sql_e sql, va_list args)
{
    statement_t *statement;
    ubal_error_t *err = find(&statement, hot, sql, pool);
    int rc;

    if (err) {
        return err;
    }
    rc = bind_all(statement, args);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(statement->stmt);
    }
    *has_row = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW) {
        read_row(values, count, statement->stmt);
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        err = fault(hot, sql, pool);
    }
    sqlite3_reset(statement->stmt);
    return err;
}

/* The arguments as an array's worth, for a call that takes them one by one:
 * no statement has more than ARGS_MAX, and what it does not have it does not
 * look at. */
static void take(const void *taken[ARGS_MAX], ubal_sql_e sql, va_list args)
{
    const char *p;
    int count = 0;

    for (p = ubal_sql_text[sql].pgsql; *p; p++) {
        if (p[0] == '%' && p[1] == '%') {
            p++;
        } else if (p[0] == '%' && count < ARGS_MAX) {
            taken[count++] = va_arg(args, const void *);
        }
    }
}

#define FOUR(a, i) (a)[i], (a)[(i) + 1], (a)[(i) + 2], (a)[(i) + 3]
#define EACH(a) FOUR(a, 0), FOUR(a, 4), FOUR(a, 8), FOUR(a, 12)

ubal_error_t *ubal_hot_run(ubal_hot_t *hot, int *rows, apr_pool_t *pool,
                           ubal_sql_e sql, ...)
{
    const void *taken[ARGS_MAX] = {0};
    ubal_error_t *err;
    int has_row;
    va_list args;

    va_start(args, sql);
    if (hot->handle) {
        err = execute(hot, &has_row, NULL, 0, pool, sql, args);
        if (rows) {
            *rows = err ? 0 : sqlite3_changes(hot->handle);
        }
    } else {
        take(taken, sql, args);
        err = ubal_db_run(hot->db, rows, pool, sql, EACH(taken));
    }
    va_end(args);
    return err;
}

ubal_error_t *ubal_hot_read(ubal_hot_t *hot, int *has_row, apr_int64_t *values,
                            int count, apr_pool_t *pool, ubal_sql_e sql, ...)
{
    const void *taken[ARGS_MAX] = {0};
    ubal_rows_t *row;
    ubal_error_t *err;
    va_list args;
    int i;

    va_start(args, sql);
    if (hot->handle) {
        err = execute(hot, has_row, values, count, pool, sql, args);
    } else {
        take(taken, sql, args);
        err = ubal_db_first(&row, has_row, hot->db, pool, sql, EACH(taken));
        for (i = 0; !err && *has_row && i < count; i++) {
            values[i] = ubal_rows_int(row, i, 0);
        }
    }
    va_end(args);
    return err;
}
