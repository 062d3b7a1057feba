/* What is copied, and over what; see copy.h. On PostgreSQL all is one
 * transaction: what is broken off was never there, and there is nothing to
 * take up again. */
#include "store/copy.h"

#include <string.h>

#include <apr_strings.h>

#include "store/copy_check.h"
#include "store/copy_rows.h"
#include "store/meta.h"

/* In ubal_meta of a copy: the source's token. Another one beside it is that
 * of an owner of the copy's own. */
#define COPIED_TOKEN "copied_token"

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

/* A database, as far as it tells what it is. */
typedef struct state_t {
    const char *key, *token, *copied_token; /* NULL: there is none */
    apr_int64_t numbers[4];                 /* of the statement copy_state */
    apr_int64_t counts[UBAL_COPY_COUNTS];
} state_t;

enum {
    COMMIT_SEQ,
    AS_OF,
    SCHEMA,
    SCALE
};

typedef struct work_t {
    ubal_copy_t *copied;
    ubal_db_t *source, *target;
    state_t from, to;
    apr_int64_t since; /* commits up to it are there already; 0: none */
    apr_int64_t done, total;
    ubal_copy_progress_t progress;
    void *baton;
    apr_pool_t *pool;
} work_t;

static ubal_error_t *read_state(state_t *state, ubal_db_t *db,
                                apr_pool_t *pool)
{
    int has_row;
    ubal_error_t *err = ubal_meta_get(&state->key, db, "account_key", pool);

    if (!err) {
        err = ubal_meta_get(&state->token, db, "token", pool);
    }
    if (!err) {
        err = ubal_meta_get(&state->copied_token, db, COPIED_TOKEN, pool);
    }
    if (!err) {
        err = ubal_db_read(db, &has_row, state->numbers, 4, pool,
                           UBAL_SQL_COPY_STATE);
    }
    return err ? err : ubal_copy_check_count(state->counts, db, pool);
}

/* --- what may be copied, and over what ------------------------------------
 */

static ubal_error_t *judge_source(const state_t *from, apr_pool_t *pool)
{
    if (!from->key || !from->token) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "the database is empty: there is nothing to "
                               "copy");
    }
    if (from->numbers[SCHEMA] != ubal_migration_count) {
        return ubal_error_make(UBAL_ERR_CONFIG, pool,
                               "the database has schema %" APR_INT64_T_FMT
                               ", this program copies schema %d: run "
                               "ubal-ingest migrate first",
                               from->numbers[SCHEMA], ubal_migration_count);
    }
    return NULL;
}

/* The owners up to a commit, as one text. */
static ubal_error_t *read_owners(const char **text, ubal_db_t *db,
                                 apr_int64_t up_to, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_select(&rows, db, pool, UBAL_SQL_COPY_LINEAGE, &up_to);

    *text = "";
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        *text =
            apr_psprintf(pool, "%s%" APR_INT64_T_FMT " %s ", *text,
                         ubal_rows_int(rows, 0, 0), ubal_rows_text(rows, 1));
    }
    return err;
}

/* A source that was restored has other commits under the same numbers. */
static ubal_error_t *judge_commits(const work_t *work)
{
    const char *ours, *theirs;
    ubal_error_t *err;

    if (work->since > work->from.numbers[COMMIT_SEQ]) {
        return ubal_error_make(UBAL_ERR_INPUT, work->pool,
                               "the copy is newer than the database, which "
                               "must have been restored since: copy to an "
                               "empty database");
    }
    err = read_owners(&ours, work->source, work->since, work->pool);
    if (!err) {
        err = read_owners(&theirs, work->target, work->since, work->pool);
    }
    if (!err && strcmp(ours, theirs) != 0) {
        err = ubal_error_make(UBAL_ERR_INPUT, work->pool,
                              "the copy has other commits than the database, "
                              "which must have been restored since: copy to "
                              "an empty database");
    }
    return err;
}

static int is_empty(const state_t *state)
{
    int i, is_some = state->key || state->token;

    for (i = 0; i < UBAL_COPY_COUNTS; i++) {
        is_some |= state->counts[i] != 0;
    }
    return !is_some;
}

static ubal_error_t *judge_target(work_t *work)
{
    const state_t *to = &work->to;

    if (is_empty(to)) {
        return NULL;
    }
    if (!to->key || strcmp(to->key, work->from.key) != 0) {
        return ubal_error_make(UBAL_ERR_INPUT, work->pool,
                               "there are data of another database: copy to "
                               "an empty one");
    }
    if (!to->copied_token || !to->token ||
        strcmp(to->token, to->copied_token) != 0) {
        return ubal_error_make(UBAL_ERR_INPUT, work->pool,
                               "the copy has had a companion of its own, and "
                               "may be newer: nothing is written over it; to "
                               "begin anew, copy to an empty database");
    }
    work->since = to->numbers[COMMIT_SEQ];
    work->copied->is_again = 1;
    return judge_commits(work);
}

/* --- the rows -------------------------------------------------------------
 */

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
    const state_t *from = &work->from;
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
        err = ubal_meta_set(work->target, COPIED_TOKEN, work->from.token,
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

/* --- the two transactions -------------------------------------------------
 */

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
        err = read_state(&work->to, work->target, work->pool);
    }
    if (!err) {
        err = judge_target(work);
    }
    if (!err) {
        err = send_all(work);
    }
    if (!err) {
        err = ubal_copy_check(work->source, work->target, work->from.counts,
                              (int)work->from.numbers[SCALE], work->progress,
                              work->baton, work->pool);
    }
    return err ? err : ubal_db_commit(work->target, work->pool);
}

static ubal_error_t *copy_snapshot(work_t *work)
{
    int before, after;
    ubal_error_t *err = read_state(&work->from, work->source, work->pool);

    if (!err) {
        err = judge_source(&work->from, work->pool);
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
    copied->as_of = work.from.numbers[AS_OF];
    copied->transactions = work.from.counts[0];
    copied->users = work.from.counts[1];
    return err;
}
