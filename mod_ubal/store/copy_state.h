/* What a database is, in the eyes of who copies it: whether it may be copied,
 * and what a copy may be made over. */
#ifndef UBAL_STORE_COPY_STATE_H
#define UBAL_STORE_COPY_STATE_H

#include "store/copy_check.h"

/* In ubal_meta of a copy: the token of the owner that it was copied from.
 * Another one beside it is that of an owner of the copy's own. */
#define UBAL_COPY_TOKEN "copied_token"

typedef struct ubal_copy_state_t {
    const char *key, *token, *copied_token; /* NULL: there is none */
    apr_int64_t commit_seq, as_of, schema, scale;
    apr_int64_t counts[UBAL_COPY_COUNTS];
} ubal_copy_state_t;

/* Reads it; UBAL_ERR_NO_SCHEMA where there are no tables. */
ubal_error_t *ubal_copy_state_read(ubal_copy_state_t *state, ubal_db_t *db,
                                   apr_pool_t *pool);

/* Says whether there is something to copy: UBAL_ERR_INPUT where there is
 * not, UBAL_ERR_CONFIG where it has another schema. */
ubal_error_t *ubal_copy_state_judge_source(const ubal_copy_state_t *from,
                                           apr_pool_t *pool);

/* Says whether `from`, of `source`, may be copied over `to`, of `target`:
 * where that is empty, or (`*is_again` 1) an earlier copy of it that nobody
 * else has written to. Else UBAL_ERR_INPUT. */
ubal_error_t *ubal_copy_state_judge_target(int *is_again, ubal_db_t *source,
                                           ubal_db_t *target,
                                           const ubal_copy_state_t *from,
                                           const ubal_copy_state_t *to,
                                           apr_pool_t *pool);

#endif
