/* Which database it is; see copy_state.h. A database is known by the key that
 * its first owner made, its commits by who owned it then. */
#include "store/copy_state.h"

#include <string.h>

#include <apr_strings.h>

#include "store/meta.h"

ubal_error_t *ubal_copy_state_read(ubal_copy_state_t *state, ubal_db_t *db,
                                   apr_pool_t *pool)
{
    apr_int64_t numbers[4] = {0};
    int has_row;
    ubal_error_t *err = ubal_meta_get(&state->key, db, "account_key", pool);

    if (!err) {
        err = ubal_meta_get(&state->token, db, "token", pool);
    }
    if (!err) {
        err = ubal_meta_get(&state->copied_token, db, UBAL_COPY_TOKEN, pool);
    }
    if (!err) {
        err =
            ubal_db_read(db, &has_row, numbers, 4, pool, UBAL_SQL_COPY_STATE);
    }
    state->commit_seq = numbers[0];
    state->as_of = numbers[1];
    state->schema = numbers[2];
    state->scale = numbers[3];
    return err ? err : ubal_copy_check_count(state->counts, db, pool);
}

ubal_error_t *ubal_copy_state_judge_source(const ubal_copy_state_t *from,
                                           apr_pool_t *pool)
{
    if (!from->key || !from->token) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "the database is empty: there is nothing to "
                               "copy");
    }
    if (from->schema != ubal_migration_count) {
        return ubal_error_make(UBAL_ERR_CONFIG, pool,
                               "the database has schema %" APR_INT64_T_FMT
                               ", this program copies schema %d: run "
                               "ubal-ingest migrate first",
                               from->schema, ubal_migration_count);
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
static ubal_error_t *judge_commits(ubal_db_t *source, ubal_db_t *target,
                                   const ubal_copy_state_t *from,
                                   const ubal_copy_state_t *to,
                                   apr_pool_t *pool)
{
    const char *ours, *theirs;
    ubal_error_t *err;

    if (to->commit_seq > from->commit_seq) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "the copy is newer than the database, which "
                               "must have been restored since: copy to an "
                               "empty database");
    }
    err = read_owners(&ours, source, to->commit_seq, pool);
    if (!err) {
        err = read_owners(&theirs, target, to->commit_seq, pool);
    }
    if (!err && strcmp(ours, theirs) != 0) {
        err = ubal_error_make(UBAL_ERR_INPUT, pool,
                              "the copy has other commits than the database, "
                              "which must have been restored since: copy to "
                              "an empty database");
    }
    return err;
}

static int is_empty(const ubal_copy_state_t *state)
{
    int i, is_some = state->key || state->token;

    for (i = 0; i < UBAL_COPY_COUNTS; i++) {
        is_some |= state->counts[i] != 0;
    }
    return !is_some;
}

ubal_error_t *ubal_copy_state_judge_target(int *is_again, ubal_db_t *source,
                                           ubal_db_t *target,
                                           const ubal_copy_state_t *from,
                                           const ubal_copy_state_t *to,
                                           apr_pool_t *pool)
{
    *is_again = 0;
    if (is_empty(to)) {
        return NULL;
    }
    if (!to->key || strcmp(to->key, from->key) != 0) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "there are data of another database: copy to "
                               "an empty one");
    }
    if (!to->copied_token || !to->token ||
        strcmp(to->token, to->copied_token) != 0) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "the copy has had a companion of its own, and "
                               "may be newer: nothing is written over it; to "
                               "begin anew, copy to an empty database");
    }
    *is_again = 1;
    return judge_commits(source, target, from, to, pool);
}
