/* COPY FROM STDIN through libpq itself, as apr_dbd has no call for it. Knows
 * that protocol, no table. See db_pgsql.h. */
#include <dlfcn.h>

#include <apr_strings.h>

#include "store/db_driver.h"
#include "store/db_pgsql.h"

/* libpq's. */
#define PUT_MOST 1000000000
enum {
    COMMAND_OK = 1,
    COPY_IN = 4
};

typedef struct libpq_t {
    void *connection;
    void *(*exec)(void *connection, const char *text);
    int (*put)(void *connection, const char *bytes, int count);
    int (*end)(void *connection, const char *reason);
    void *(*result)(void *connection);
    int (*status)(const void *result);
    char *(*count)(void *result);
    char *(*message)(const void *connection);
    void (*clear)(void *result);
} libpq_t;

/* It is the driver's, which APR has loaded for all to see. */
static int find(libpq_t *pq, ubal_db_t *db)
{
    const struct {
        const char *name;
        void *place;
    } calls[] = {{"PQexec", &pq->exec},
                 {"PQputCopyData", &pq->put},
                 {"PQputCopyEnd", &pq->end},
                 {"PQgetResult", &pq->result},
                 {"PQresultStatus", &pq->status},
                 {"PQcmdTuples", &pq->count},
                 {"PQerrorMessage", &pq->message},
                 {"PQclear", &pq->clear}};
    size_t i;

    pq->connection = apr_dbd_native_handle(db->driver, db->handle);
    for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        void *call = dlsym(RTLD_DEFAULT, calls[i].name);

        if (!call) {
            return 0;
        }
        *(void **)calls[i].place = call;
    }
    return 1;
}

/* Whether the server wants the rows now. */
static int begin(const libpq_t *pq, const char *statement)
{
    void *result = pq->exec(pq->connection, statement);
    int status = pq->status(result);

    pq->clear(result);
    return status == COPY_IN;
}

static int put(const libpq_t *pq, const ubal_text_t *text)
{
    apr_size_t at = 0;

    while (at < text->length) {
        apr_size_t left = text->length - at;
        int count = left < PUT_MOST ? (int)left : PUT_MOST;

        if (pq->put(pq->connection, text->bytes + at, count) != 1) {
            return 0;
        }
        at += (apr_size_t)count;
    }
    return 1;
}

/* Takes every result, or the connection stays busy; 0 where one is an error,
 * whose text is then kept. */
static int finish(const libpq_t *pq, apr_int64_t *rows, const char **message,
                  apr_pool_t *pool)
{
    int is_good = pq->end(pq->connection, NULL) == 1;
    void *result;

    *message = apr_pstrdup(pool, pq->message(pq->connection));
    while ((result = pq->result(pq->connection))) {
        if (pq->status(result) != COMMAND_OK) {
            is_good = 0;
            *message = apr_pstrdup(pool, pq->message(pq->connection));
        }
        *rows = apr_atoi64(pq->count(result));
        pq->clear(result);
    }
    return is_good;
}

ubal_error_t *ubal_db_pgsql_copy(ubal_db_t *db, ubal_sql_e sql,
                                 const ubal_lines_t *lines, apr_pool_t *pool)
{
    const ubal_sql_text_t *what = &ubal_sql_text[sql];
    apr_int64_t rows = 0;
    const char *message;
    libpq_t pq;
    int is_good;

    if (!find(&pq, db)) {
        return ubal_error_make(UBAL_ERR_SYSTEM, pool, "%s: libpq has no COPY",
                               what->name);
    }
    if (!begin(&pq, what->pgsql)) {
        return ubal_db_pgsql_error(what->name, pq.message(pq.connection),
                                   pool);
    }
    is_good = put(&pq, &lines->text);
    is_good &= finish(&pq, &rows, &message, pool);
    if (!is_good) {
        return ubal_db_pgsql_error(what->name, message, pool);
    }
    return rows == lines->rows
               ? NULL
               : ubal_error_make(UBAL_ERR_DB, pool,
                                 "%s: %" APR_INT64_T_FMT
                                 " of %" APR_INT64_T_FMT " rows were stored",
                                 what->name, rows, lines->rows);
}
