/* What is copied, and over what; see copy.h. On PostgreSQL all is one
 * transaction: what is broken off was never there, and there is nothing to
 * take up again. */
#include "store/copy.h"

#include <string.h>

#include <apr_strings.h>

#include "store/copy_check.h"
#include "store/copy_rows.h"
#include "store/copy_state.h"
#include "store/meta.h"

/* What is put in place of what was there; transactions and their ids stay. */
static const ubal_sql_e tables[] = {
    UBAL_SQL_COPY_VENDORS,      UBAL_SQL_COPY_WINDOWS,
    UBAL_SQL_COPY_PASS_KEYS,    UBAL_SQL_COPY_REQUESTS,
    UBAL_SQL_COPY_DEAD_LETTERS, UBAL_SQL_COPY_BACKFILLS,
    UBAL_SQL_COPY_IMPORTS,      UBAL_SQL_COPY_IMPORT_HOURS,
    UBAL_SQL_COPY_OWNERS,       UBAL_SQL_COPY_UBAL_META,
    UBAL_SQL_COPY_COVERAGE,     UBAL_SQL_COPY_BALANCES,
    UBAL_SQL_COPY_SUMS,
};

typedef struct work_t {
    ubal_copy_t *copied;
    ubal_db_t *source, *target;
    ubal_copy_state_t from, to;
    apr_int64_t since; /* commits up to it are there already; 0: none */
    apr_int64_t done, total;
    ubal_copy_progress_t progress;
    void *baton;
    apr_pool_t *pool;
} work_t;

/* --- the rows --- */

static void arrived(void *baton, int count)
{
    work_t *work = baton;

    work->done += count;
    if (work->progress) {
        work->progress(work->baton, UBAL_COPY_ROWS, work->done, work->total);
    }
}

static ubal_error_t *send_table(work_t *work, ubal_sql_e sql)
{
    return ubal_copy_rows_send(work->source, work->target, sql, work->since,
                               arrived, work, work->pool);
}

static void reckon_total(work_t *work)
{
    const ubal_copy_state_t *from = &work->from;
    int i;

    work->copied->added = from->counts[0] - work->to.counts[0];
    work->total = (work->since ? 1 : 2) * work->copied->added;
    for (i = 1; i < UBAL_COPY_COUNTS; i++) {
        work->total += from->counts[i];
    }
}

static ubal_error_t *send_sequences(work_t *work)
{
    ubal_copy_rows_t *rows;
    ubal_rows_t *set;
    int has_row = 1, is_set;
    ubal_error_t *err = ubal_copy_rows_open(
        &rows, work->source, UBAL_SQL_COPY_SEQUENCES, 0, work->pool);

    while (!err && !(err = ubal_copy_rows_next(&has_row, rows)) && has_row) {
        err = ubal_db_first(
            &set, &is_set, work->target, work->pool, UBAL_SQL_COPY_SEQUENCES,
            apr_psprintf(work->pool, "[%s]", ubal_copy_rows_text(rows, 0)));
    }
    return err;
}

/* Transactions and their ids are never changed: an earlier copy lacks those of
 * later commits alone. */
static ubal_error_t *send_transactions(work_t *work)
{
    ubal_error_t *err =
        work->since ? NULL : send_table(work, UBAL_SQL_COPY_IDS);

    if (!err) {
        err = send_table(work, UBAL_SQL_COPY_TRANSACTIONS);
    }
    if (!err && work->since) {
        err = ubal_db_run(work->target, NULL, work->pool,
                          UBAL_SQL_COPY_IDS_SINCE, &work->since);
    }
    return err;
}

static ubal_error_t *send_all(work_t *work)
{
    ubal_error_t *err =
        ubal_db_run(work->target, NULL, work->pool, UBAL_SQL_COPY_CLEAR);
    size_t i;

    reckon_total(work);
    for (i = 0; !err && i < sizeof(tables) / sizeof(tables[0]); i++) {
        err = send_table(work, tables[i]);
    }
    if (!err) {
        err = ubal_meta_set(work->target, UBAL_COPY_TOKEN, work->from.token,
                            work->pool);
    }
    if (!err) {
        err = send_transactions(work);
    }
    if (!err) {
        err = send_sequences(work);
    }
    /* which PostgreSQL does not do by itself for partitioned tables; where
     * the role may not, it is left out */
    return err ? err
               : ubal_db_script(work->target,
                                "SET LOCAL client_min_messages = error; "
                                "ANALYZE transactions, balances, sums",
                                work->pool);
}

/* --- the two transactions --- */

static ubal_error_t *lock(ubal_db_t *target, apr_pool_t *pool)
{
    ubal_error_t *err = ubal_db_run(target, NULL, pool, UBAL_SQL_COPY_LOCK);

    if (err && strstr(err->message, "could not obtain lock")) {
        err = ubal_error_make(UBAL_ERR_FENCED, pool,
                              "another process writes to the copy");
    }
    return err;
}

static ubal_error_t *fill_target(work_t *work)
{
    ubal_error_t *err = lock(work->target, work->pool);

    if (!err) {
        err = ubal_copy_state_read(&work->to, work->target, work->pool);
    }
    if (!err) {
        err = ubal_copy_state_judge_target(&work->copied->is_again,
                                           work->source, work->target,
                                           &work->from, &work->to, work->pool);
    }
    if (!err && work->copied->is_again) {
        work->since = work->to.commit_seq;
    }
    if (!err) {
        err = send_all(work);
    }
    if (!err) {
        err = ubal_copy_check(work->source, work->target, work->from.counts,
                              (int)work->from.scale, work->progress,
                              work->baton, work->pool);
    }
    return err ? err : ubal_db_commit(work->target, work->pool);
}

static ubal_error_t *copy_snapshot(work_t *work)
{
    int before, after;
    ubal_error_t *err =
        ubal_copy_state_read(&work->from, work->source, work->pool);

    if (!err) {
        err = ubal_copy_state_judge_source(&work->from, work->pool);
    }
    if (!err) {
        err = ubal_meta_migrate(work->target, &before, &after, work->pool);
    }
    if (!err) {
        err = ubal_db_begin(work->target, work->pool);
    }
    if (err) {
        return err;
    }
    err = fill_target(work);
    if (err) {
        ubal_db_rollback(work->target, work->pool);
    }
    return err;
}

ubal_error_t *ubal_copy_make(ubal_copy_t *copied, ubal_db_t *source,
                             ubal_db_t *target, ubal_copy_progress_t progress,
                             void *baton, apr_pool_t *pool)
{
    work_t work = {.copied = copied,
                   .source = source,
                   .target = target,
                   .progress = progress,
                   .baton = baton,
                   .pool = pool};
    ubal_error_t *err;

    *copied = (ubal_copy_t){0};
    if (source->dialect != UBAL_DIALECT_SQLITE ||
        target->dialect != UBAL_DIALECT_PGSQL) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "this copies from SQLite to PostgreSQL: use "
                               "pg_dump to copy from PostgreSQL");
    }
    err = ubal_db_begin_read(source, pool);
    if (err) {
        return err;
    }
    err = copy_snapshot(&work);
    ubal_db_rollback(source, pool);
    copied->as_of = work.from.as_of;
    copied->transactions = work.from.counts[0];
    copied->users = work.from.counts[1];
    return err;
}
