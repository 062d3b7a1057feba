/* Compares what was copied with what it was copied from; see copy_check.h. */
#include "store/copy_check.h"

#include <string.h>

#include <apr_strings.h>

#include "store/copy_rows.h"
#include "store/verify.h"

/* Users that are compared at a time. */
#define USERS 1000

typedef struct line_t {
    const char *user_id, *text;
} line_t;

typedef struct work_t {
    ubal_db_t *target;
    ubal_copy_rows_t *rows;
    line_t *lines; /* of the source, in the order of user_id */
    int count;
    const char *after; /* the last user of the batch before */
    apr_int64_t seen;  /* transactions */
    apr_pool_t *turn;  /* of one batch */
    apr_pool_t *pool;
} work_t;

ubal_error_t *ubal_copy_check_count(apr_int64_t counts[UBAL_COPY_COUNTS],
                                    ubal_db_t *db, apr_pool_t *pool)
{
    int has_row;

    return ubal_db_read(db, &has_row, counts, UBAL_COPY_COUNTS, pool,
                        UBAL_SQL_COPY_COUNTS);
}

/* Reads the next users of the source; none at the end. */
static ubal_error_t *read_batch(work_t *work)
{
    int has_row = 1;
    ubal_error_t *err = NULL;

    work->count = 0;
    while (work->count < USERS &&
           !(err = ubal_copy_rows_next(&has_row, work->rows)) && has_row) {
        line_t *line = &work->lines[work->count++];

        line->user_id =
            apr_pstrdup(work->turn, ubal_copy_rows_text(work->rows, 0));
        line->text =
            apr_pstrdup(work->turn, ubal_copy_rows_text(work->rows, 1));
        work->seen += apr_atoi64(line->text);
    }
    return err;
}

static ubal_error_t *differs(const work_t *work, const line_t *line,
                             const char *found)
{
    return ubal_error_make(UBAL_ERR_DB, work->pool,
                           "user %s has in the database %s, in the copy %s",
                           line->user_id, line->text,
                           found ? found : "nothing");
}

/* Both sides give the users in the order of their bytes. */
static ubal_error_t *compare_batch(work_t *work)
{
    const char *last = work->lines[work->count - 1].user_id;
    ubal_rows_t *found;
    int i, has_row;
    ubal_error_t *err = ubal_db_select(&found, work->target, work->turn,
                                       UBAL_SQL_COPY_USERS, work->after, last);

    for (i = 0; !err && i < work->count; i++) {
        const line_t *line = &work->lines[i];

        err = ubal_rows_next(found, &has_row);
        if (!err && (!has_row ||
                     strcmp(ubal_rows_text(found, 0), line->user_id) != 0)) {
            err = differs(work, line, NULL);
        } else if (!err && strcmp(ubal_rows_text(found, 1), line->text)) {
            err = differs(work, line, ubal_rows_text(found, 1));
        }
    }
    work->after = apr_pstrdup(work->pool, last);
    return err ? ubal_error_make(err->kind, work->pool, "%s", err->message)
               : NULL;
}

static ubal_error_t *compare_users(ubal_db_t *source, work_t *work,
                                   apr_int64_t total,
                                   ubal_copy_progress_t progress, void *baton)
{
    ubal_error_t *err = ubal_copy_rows_open(
        &work->rows, source, UBAL_SQL_COPY_USERS, 0, work->pool);

    while (!err && !(err = read_batch(work)) && work->count) {
        err = compare_batch(work);
        apr_pool_clear(work->turn);
        if (progress) {
            progress(baton, UBAL_COPY_CHECK, work->seen, total);
        }
    }
    return err;
}

static ubal_error_t *
compare_counts(ubal_db_t *target, const apr_int64_t *counts, apr_pool_t *pool)
{
    apr_int64_t found[UBAL_COPY_COUNTS] = {0};
    ubal_error_t *err = ubal_copy_check_count(found, target, pool);

    if (!err && memcmp(found, counts, sizeof(found))) {
        err = ubal_error_make(UBAL_ERR_DB, pool,
                              "the copy has not as many rows as the database");
    }
    return err;
}

static ubal_error_t *verify(ubal_db_t *target, int scale, apr_pool_t *pool)
{
    ubal_error_t *err = NULL;
    int i;

    for (i = 0; !err && i < ubal_verify_count; i++) {
        const char *finding = NULL;

        err = ubal_verify_run(&finding, target, i, scale, pool);
        if (!err && finding) {
            err = ubal_error_make(
                UBAL_ERR_DB, pool,
                "it is not so that %s: %s; does the database itself pass "
                "ubal-ingest verify?",
                ubal_verify_checks[i].title, finding);
        }
    }
    return err;
}

ubal_error_t *ubal_copy_check(ubal_db_t *source, ubal_db_t *target,
                              const apr_int64_t *counts, int scale,
                              ubal_copy_progress_t progress, void *baton,
                              apr_pool_t *pool)
{
    work_t work = {.target = target, .after = "", .pool = pool};
    ubal_error_t *err = compare_counts(target, counts, pool);

    apr_pool_create(&work.turn, pool);
    work.lines = apr_palloc(pool, USERS * sizeof(line_t));
    if (!err) {
        err = compare_users(source, &work, counts[0], progress, baton);
    }
    return err ? err : verify(target, scale, pool);
}
