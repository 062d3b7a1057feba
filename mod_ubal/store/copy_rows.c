/* Rows as JSON, some thousand at a time; see copy_rows.h. What PostgreSQL's
 * COPY would save is a third (measured), and apr_dbd has none. */
#include "store/copy_rows.h"

#include <string.h>

#include <sqlite3.h>

#include "store/db_fault.h"

/* A batch ends with the row that fills it. */
#define ROWS 4000
#define BYTES ((size_t)1024 * 1024)

struct ubal_copy_rows_t {
    sqlite3 *handle;
    sqlite3_stmt *stmt;
    const char *name;
    int is_ended; /* another step would begin anew */
    apr_pool_t *pool;
};

typedef struct batch_t {
    ubal_db_t *target;
    ubal_sql_e sql;
    char *text; /* "[row,row", not ended */
    size_t length, size;
    int rows;
    ubal_copy_rows_arrived_t arrived;
    void *baton;
    apr_pool_t *turn; /* of one statement */
} batch_t;

static apr_status_t finalize(void *data)
{
    ubal_copy_rows_t *rows = data;

    sqlite3_finalize(rows->stmt);
    return APR_SUCCESS;
}

ubal_error_t *ubal_copy_rows_open(ubal_copy_rows_t **rows, ubal_db_t *source,
                                  ubal_sql_e sql, apr_int64_t parameter,
                                  apr_pool_t *pool)
{
    ubal_copy_rows_t *made = apr_pcalloc(pool, sizeof(*made));
    int rc;

    made->handle = ubal_db_native(source);
    made->name = ubal_sql_text[sql].name;
    made->pool = pool;
    rc = sqlite3_prepare_v2(made->handle, ubal_sql_text[sql].sqlite, -1,
                            &made->stmt, NULL);
    apr_pool_cleanup_register(pool, made, finalize, apr_pool_cleanup_null);
    if (rc == SQLITE_OK && sqlite3_bind_parameter_count(made->stmt)) {
        rc = sqlite3_bind_int64(made->stmt, 1, parameter);
    }
    *rows = made;
    return rc == SQLITE_OK ? NULL
                           : ubal_db_fault(made->handle, made->name, pool);
}

ubal_error_t *ubal_copy_rows_next(int *has_row, ubal_copy_rows_t *rows)
{
    int rc = rows->is_ended ? SQLITE_DONE : sqlite3_step(rows->stmt);

    *has_row = rc == SQLITE_ROW;
    rows->is_ended = !*has_row;
    return rc == SQLITE_ROW || rc == SQLITE_DONE
               ? NULL
               : ubal_db_fault(rows->handle, rows->name, rows->pool);
}

const char *ubal_copy_rows_text(ubal_copy_rows_t *rows, int column)
{
    return (const char *)sqlite3_column_text(rows->stmt, column);
}

/* Each row that was sent must have become one. */
static ubal_error_t *flush(batch_t *batch)
{
    int stored = 0;
    ubal_error_t *err;

    if (!batch->rows) {
        return NULL;
    }
    memcpy(batch->text + batch->length, "]", 2);
    apr_pool_clear(batch->turn);
    err = ubal_db_run(batch->target, &stored, batch->turn, batch->sql,
                      batch->text);
    if (!err && stored != batch->rows) {
        err = ubal_error_make(
            UBAL_ERR_DB, batch->turn, "%s: of %d rows %d were stored",
            ubal_sql_text[batch->sql].name, batch->rows, stored);
    }
    if (!err && batch->arrived) {
        batch->arrived(batch->baton, batch->rows);
    }
    batch->length = 0;
    batch->rows = 0;
    return err;
}

/* A row more, with what goes before it; room for the end is always left. */
static void add(batch_t *batch, const char *row, apr_pool_t *pool)
{
    size_t length = strlen(row);

    if (batch->length + length + 3 > batch->size) {
        size_t size = 2 * batch->size + length + 3;
        char *text = apr_palloc(pool, size);

        memcpy(text, batch->text, batch->length);
        batch->text = text;
        batch->size = size;
    }
    batch->text[batch->length++] = batch->rows ? ',' : '[';
    memcpy(batch->text + batch->length, row, length);
    batch->length += length;
    batch->rows++;
}

static ubal_error_t *send_all(batch_t *batch, ubal_copy_rows_t *rows)
{
    ubal_error_t *err;
    int has_row;

    while (!(err = ubal_copy_rows_next(&has_row, rows)) && has_row) {
        const char *row = ubal_copy_rows_text(rows, 0);

        if (!row) {
            return ubal_error_make(UBAL_ERR_DB, rows->pool,
                                   "%s: out of memory", rows->name);
        }
        add(batch, row, rows->pool);
        if (batch->rows == ROWS || batch->length >= BYTES) {
            err = flush(batch);
        }
        if (err) {
            return err;
        }
    }
    return err ? err : flush(batch);
}

ubal_error_t *ubal_copy_rows_send(ubal_db_t *source, ubal_db_t *target,
                                  ubal_sql_e sql, apr_int64_t parameter,
                                  ubal_copy_rows_arrived_t arrived,
                                  void *baton, apr_pool_t *pool)
{
    batch_t batch = {.target = target,
                     .sql = sql,
                     .text = NULL,
                     .arrived = arrived,
                     .baton = baton};
    ubal_copy_rows_t *rows;
    apr_pool_t *own;
    ubal_error_t *err;

    apr_pool_create(&own, pool);
    apr_pool_create(&batch.turn, own);
    batch.size = BYTES;
    batch.text = apr_palloc(own, batch.size);
    err = ubal_copy_rows_open(&rows, source, sql, parameter, own);
    if (!err) {
        err = send_all(&batch, rows);
    }
    if (err) { /* its sentence is the pool's that goes */
        err = ubal_error_make(err->kind, pool, "%s", err->message);
    }
    apr_pool_destroy(own);
    return err;
}
