/* A user's sums as of an instant, from stretches of time (store/tree.h) and a
 * few transactions: it costs the same however long the history is. */
#ifndef UBAL_STORE_INSTANT_H
#define UBAL_STORE_INSTANT_H

#include "store/read.h"

/* Reads what is covered and the sums of the transactions of `user_id` whose
 * createdAt is before `at` (us, from 1970 on), in one statement. `*is_known`
 * is whether the user has any transaction, of whatever time. Whether `at` is
 * covered is the caller's to look at. Errors as for ubal_read_user. */
ubal_error_t *ubal_instant_read(ubal_coverage_t *coverage, ubal_sums_t *sums,
                                int *is_known, ubal_db_t *db,
                                const char *user_id, apr_int64_t at, int scale,
                                apr_pool_t *pool);

#endif
